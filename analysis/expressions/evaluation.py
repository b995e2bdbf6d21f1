"""Which samples an expression is true for; memory is a few masks, whatever the expression."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

import numpy as np

from analysis.arrays import BoolArray
from analysis.expressions.columns import Column, Numbers, Texts, Truths, Values, column_of
from analysis.expressions.comparison import compare, contains, find_word, known, one_of
from analysis.expressions.error import ExpressionError
from analysis.expressions.kleene import Truth
from analysis.expressions.suggestions import nearest_name, nearest_words
from analysis.expressions.tree import (
    And,
    Call,
    Compare,
    Contains,
    Holds,
    Missing,
    Name,
    Not,
    OneOf,
    Or,
    Test,
    Tree,
    Value,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """`mask` (N,) True where the expression is true; `remarks`: sentences on values that no sample has."""

    mask: BoolArray
    remarks: tuple[str, ...]


def evaluate(
    tree: Tree,
    text: str,
    columns: Callable[[str], Values],
    n: int,
    *,
    names: Collection[str],
    functions: Mapping[str, Callable[[str], Values]],
) -> Evaluation:
    """Which samples pass; see `Expression.mask`. `text` is what the tree was read from, for errors."""
    walk = _Walk(text, n, columns, names, functions)
    mask = walk.truth(tree).true
    return Evaluation(mask=mask, remarks=tuple(dict.fromkeys(walk.remarks)))


@dataclass(slots=True)
class _Walk:
    """One walk over a tree: what was noticed on the way, and the columns used so far."""

    text: str
    n: int
    columns: Callable[[str], Values]
    names: Collection[str]
    functions: Mapping[str, Callable[[str], Values]]
    remarks: list[str] = field(default_factory=list)
    cache: dict[str, Column] = field(default_factory=dict)

    def truth(self, tree: Tree) -> Truth:
        """What is true and what is false, tree by tree."""
        match tree:
            case And(parts):
                return reduce(and_, map(self.truth, parts))
            case Or(parts):
                return reduce(or_, map(self.truth, parts))
            case Not(part):
                return ~self.truth(part)
        return self.test(tree)

    def test(self, tree: Test) -> Truth:
        match tree:
            case Compare():
                found = self.compared(tree)
            case OneOf(name, values):
                found = self.one_of(name, values)
            case Contains(name, part):
                found = self.contains(name, part)
            case Missing(name):
                found = self.missing(name)
            case Holds(name):
                found = self.holds(name)
            case Call(function, argument):
                found = self.called(function, argument)
        return found

    def contains(self, name: Name, part: Value) -> Truth:
        column = self.column(name)
        if not isinstance(column, Texts):
            raise self.error(f"{name} holds {_kind(column)}, and only text can contain something.", name)
        return contains(column, str(part.value))

    def missing(self, name: Name) -> Truth:
        here = known(self.column(name))
        return Truth.of(np.zeros(self.n, dtype=np.bool_) if here is None else np.logical_not(here), None)

    def error(self, message: str, node: Name | Value) -> ExpressionError:
        return ExpressionError(message, self.text, node.at, node.length)

    def column(self, name: Name, *, is_value: bool = False) -> Column:
        """The column of that name; `is_value` where a value could have been meant, which needs quotes."""
        if name.name not in self.cache:
            try:
                self.cache[name.name] = column_of(self.columns(name.name))
            except KeyError as error:
                raise self.error(self._unknown(name, is_value), name) from error
        return self.cache[name.name]

    def _unknown(self, name: Name, is_value: bool) -> str:
        near = nearest_name(name.name, self.names)
        said = f"There is no column {name}."
        if is_value:
            said += f" Text goes into double quotes: {Value(name.name)}."
        return f"{said} Did you mean {Name(near)}?" if near else said

    def holds(self, name: Name) -> Truth:
        column = self.column(name)
        if not isinstance(column, Truths):
            example = '"…"' if isinstance(column, Texts) else "2" if isinstance(column, Numbers) else '"2024-05-31"'
            raise self.error(f"{name} holds {_kind(column)}: compare it with a value, such as {name} = {example}", name)
        return Truth.of(column.value, column.known)

    def called(self, function: Name, argument: Value) -> Truth:
        if function.name not in self.functions:
            near = nearest_name(function.name, self.functions) or next(iter(self.functions), None)
            hint = f' Did you mean {near}("…")?' if near else ""
            raise self.error(f"There is no function {function}.{hint}", function)
        try:
            column = column_of(self.functions[function.name](str(argument.value)))
        except KeyError as error:
            raise self.error(str(error.args[0]), argument) from error
        if not isinstance(column, Truths):
            raise TypeError(f"{function} gives {_kind(column)}, expected yes or no")
        return Truth.of(column.value, column.known)

    def compared(self, tree: Compare) -> Truth:
        left = self.column(tree.left)
        if isinstance(tree.right, Name):
            right: Column | Value = self.column(tree.right, is_value=isinstance(left, Texts))
        else:
            right = tree.right
            self.remark(tree.left, left, tree.right, tree.operator)
        try:
            return compare(left, tree.operator, right if not isinstance(right, Value) else right.value)
        except TypeError as error:
            raise self.mismatch(tree.left, left, tree.right, right, tree.operator) from error
        except ValueError as error:
            raise self.error(str(error), tree.right) from error

    def one_of(self, name: Name, values: tuple[Value, ...]) -> Truth:
        column = self.column(name)
        for value in values:
            self.remark(name, column, value, "=")
            try:
                compare(column, "=", value.value, check=True)
            except TypeError as error:
                raise self.mismatch(name, column, value, value, "=") from error
            except ValueError as error:
                raise self.error(str(error), value) from error
        return one_of(column, [value.value for value in values])

    def mismatch(
        self, name: Name, column: Column, node: Name | Value, other: Column | Value, operator: str
    ) -> ExpressionError:
        """Two kinds that cannot be compared: say both, and what to write."""
        held = f"{name} holds {_kind(column)}"
        if not isinstance(other, Value):
            return self.error(f"{held} and {node} {_kind(other)}: these cannot be compared.", node)
        if isinstance(column, Truths):
            return self.error(f"{held}: write {name} or not {name}.", node)
        if isinstance(column, Numbers):
            number = _as_number(other.value)
            hint = f"write {name} {operator} {number}" if number else "compare it with a number"
        elif isinstance(column, Texts):
            hint = f"write {name} {operator} {Value(str(other))}"
        else:
            hint = f'compare it with a date, such as {name} {operator} "2024-05-31"'
        return self.error(f"{held}, and this is {_kind_of_value(other.value)}: {hint}.", node)

    def remark(self, name: Name, column: Column, value: Value, operator: str) -> None:
        """A text that no sample has is no error, but worth a word."""
        if operator not in ("=", "!=") or not isinstance(column, Texts) or not isinstance(value.value, str):
            return
        if find_word(column, value.value) < 0:
            near = nearest_words(value.value, column.words)
            hint = f" Nearest: {', '.join(str(Value(word)) for word in near)}." if near else ""
            self.remarks.append(f"No sample has {name} = {value}.{hint}")


def _kind(column: Column) -> str:
    if isinstance(column, Numbers):
        return "numbers"
    if isinstance(column, Texts):
        return "text"
    return "yes or no" if isinstance(column, Truths) else "dates"


def _kind_of_value(value: object) -> str:
    if isinstance(value, bool):
        return "yes or no"
    return "text" if isinstance(value, str) else "a number"


def _as_number(value: object) -> str:
    text = str(value).strip()
    try:
        return text if np.isfinite(float(text)) and text.isascii() else ""
    except ValueError:
        return ""
