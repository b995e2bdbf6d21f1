"""Expressions as trees; `str` of a tree is an expression that reads back as the same tree."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from analysis.expressions.names import quoted_name


@dataclass(frozen=True, slots=True)
class Name:
    """A column; `at` and `length` say where it stands in the text, as in every node that can be wrong."""

    name: str
    at: int = field(default=0, compare=False)
    length: int = field(default=1, compare=False)

    def __str__(self) -> str:
        return quoted_name(self.name)


@dataclass(frozen=True, slots=True)
class Value:
    """A text, number, or yes or no."""

    value: str | int | float | bool
    at: int = field(default=0, compare=False)
    length: int = field(default=1, compare=False)

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return json.dumps(self.value, ensure_ascii=False) if isinstance(self.value, str) else repr(self.value)


@dataclass(frozen=True, slots=True)
class Compare:
    """``left operator right``; operator is one of = != < <= > >=."""

    left: Name
    operator: str
    right: Name | Value

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """``name in (values)``."""

    name: Name
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.name} in ({', '.join(map(str, self.values))})"


@dataclass(frozen=True, slots=True)
class Contains:
    """``name contains part``."""

    name: Name
    part: Value

    def __str__(self) -> str:
        return f"{self.name} contains {self.part}"


@dataclass(frozen=True, slots=True)
class Missing:
    """``name is missing``."""

    name: Name

    def __str__(self) -> str:
        return f"{self.name} is missing"


@dataclass(frozen=True, slots=True)
class Holds:
    """A column of yes and no by itself."""

    name: Name

    def __str__(self) -> str:
        return str(self.name)


@dataclass(frozen=True, slots=True)
class Call:
    """``function("argument")``, such as ``flagged("label_errors")``."""

    function: Name
    argument: Value

    def __str__(self) -> str:
        return f"{self.function}({self.argument})"


@dataclass(frozen=True, slots=True)
class Not:
    """``not part``."""

    part: "Tree"

    def __str__(self) -> str:
        return f"not {_inside(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    """Two parts or more, all of which must hold."""

    parts: tuple["Tree", ...]

    def __str__(self) -> str:
        return " and ".join(_inside(part, And, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Two parts or more, one of which must hold."""

    parts: tuple["Tree", ...]

    def __str__(self) -> str:
        return " or ".join(_inside(part, Or) for part in self.parts)


Test: TypeAlias = Compare | OneOf | Contains | Missing | Holds | Call
Tree: TypeAlias = Test | Not | And | Or


def _inside(part: Tree, *weaker: type) -> str:
    return f"({part})" if isinstance(part, weaker) else str(part)


def column_names(tree: Tree) -> Iterator[Name]:
    """Every column in the order of the text, repetitions included."""
    match tree:
        case Compare(left, _, right):
            yield left
            if isinstance(right, Name):
                yield right
        case OneOf(name) | Contains(name) | Missing(name) | Holds(name):
            yield name
        case Not(part):
            yield from column_names(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from column_names(part)
