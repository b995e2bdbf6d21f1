"""Comparisons of one column with a value or another column, kind by kind."""

import operator as operators
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.arrays import AnyArray, BoolArray
from analysis.expressions.columns import Column, Moments, Numbers, Texts, Truths
from analysis.expressions.kleene import Truth

Scalar: TypeAlias = str | int | float | bool
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "=": operators.eq, "!=": operators.ne,
    "<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge,
}  # fmt: skip
_ARROW = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}
_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


def known(column: Column) -> BoolArray | None:
    """(N,) False where the value is missing; None where none is."""
    if isinstance(column, Texts):
        return np.asarray(column.code >= 0)
    if isinstance(column, Moments):
        return np.asarray(~np.isnat(column.value))
    return column.known


def compare(left: Column, operator: str, right: Column | Scalar, *, check: bool = False) -> Truth:
    """``left operator right``; unknown where either value is missing.

    Text is compared exactly, and ordered by code point; dates by the second, in UTC. `check` looks at the kinds alone.

    Raises:
        TypeError: If the kinds do not go together.
        ValueError: If a text is no date where one has to stand; the message is for people.
    """
    if isinstance(right, str | int | float):
        other = _scalar(left, operator, right)
        if check:
            return Truth(np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_))
        if isinstance(left, Texts):
            return _text_with_value(left, operator, str(other))
        return Truth.of(np.asarray(_COMPARED[operator](left.value, other)), known(left))
    if type(left) is not type(right) or (isinstance(left, Truths) and operator not in ("=", "!=")):
        raise TypeError("two kinds of columns")
    both = _both(known(left), known(right))
    if isinstance(left, Texts) and isinstance(right, Texts):
        values = _common_ranks(left, right) if operator in _ARROW else (left.code, _codes_in(left, right))
    else:
        values = (left.value, right.value)  # type: ignore[union-attr]  # no Texts is left
    return Truth.of(np.asarray(_COMPARED[operator](*values)), both)


def _scalar(left: Column, operator: str, right: Scalar) -> Any:
    """The value as the column's own kind."""
    if isinstance(left, Truths):
        value = {"true": True, "false": False}.get(right.casefold()) if isinstance(right, str) else right
        if not isinstance(value, bool) or operator not in ("=", "!="):
            raise TypeError("no yes or no")
        return value
    if isinstance(left, Numbers):
        if isinstance(right, str | bool):
            raise TypeError("no number")
        # A plain number takes the column's own precision, so that iso = 0.1 finds a float32 of 0.1.
        return right if abs(right) <= _LARGEST_FLOAT32 or left.value.dtype.kind != "f" else np.float64(right)
    if not isinstance(right, str):
        raise TypeError("no text")
    return _moment(right) if isinstance(left, Moments) else right


def _moment(text: str) -> np.datetime64:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError('This is no date: write "2024-05-31" or "2024-05-31T18:30:00".') from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment, "s")


def _text_with_value(left: Texts, operator: str, right: str) -> Truth:
    here = known(left)
    if operator in _ARROW:
        return Truth.of(_by_word(left, _ARROW[operator](left.words, right)), here)
    equal = Truth.of(left.code == find_word(left, right) if find_word(left, right) >= 0 else _none(left), here)
    return equal if operator == "=" else ~equal


def find_word(column: Texts, text: str) -> int:
    """Place of a text among a column's words; −1 where no sample has it."""
    if text == "":
        return -1
    return int(pc.index(column.words, pa.scalar(text, column.words.type)).as_py())


def contains(column: Texts, part: str) -> Truth:
    """Where the text holds `part`, capitals or not."""
    return Truth.of(_by_word(column, pc.match_substring(column.words, part, ignore_case=True)), known(column))


def one_of(column: Column, values: Sequence[Scalar]) -> Truth:
    """Where the value is one of several of the column's own kind."""
    if isinstance(column, Texts):
        inside = pc.is_in(column.words, pa.array([str(value) for value in values], type=column.words.type))
        return Truth.of(_by_word(column, inside), known(column))
    found: Truth | None = None
    for value in values:
        one = compare(column, "=", value)
        found = one if found is None else found | one
    if found is None:
        raise ValueError("expected at least one value")
    return found


def _by_word(column: Texts, of_word: Any) -> BoolArray:
    """(N,) from one answer a word; the place for missing text is the last one, at −1."""
    answer = np.append(np.asarray(pc.fill_null(of_word, False).to_numpy(zero_copy_only=False), dtype=np.bool_), False)
    return np.asarray(answer[column.code])


def _none(column: Texts) -> BoolArray:
    return np.zeros(len(column.code), dtype=np.bool_)


def _both(left: BoolArray | None, right: BoolArray | None) -> BoolArray | None:
    if left is None or right is None:
        return right if left is None else left
    return np.asarray(left & right)


def _codes_in(left: Texts, right: Texts) -> AnyArray:
    """(N,) the right column's values as codes of the left one; −2 where the left one has no such word."""
    places = pc.index_in(right.words.cast(left.words.type), value_set=left.words)
    of_word = pc.fill_null(places, -2).to_numpy(zero_copy_only=False).astype(np.int32)
    return np.asarray(np.append(of_word, np.int32(-2))[right.code])


def _common_ranks(left: Texts, right: Texts) -> tuple[AnyArray, AnyArray]:
    """Ranks of both columns' values in one ordered list of words."""
    words = pa.concat_arrays([left.words.cast(pa.string()), right.words.cast(pa.string())])
    encoded = words.dictionary_encode()
    rank = np.empty(len(encoded.dictionary) + 1, dtype=np.int64)
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(encoded.dictionary))
    rank[-1] = -1
    place = np.append(rank[encoded.indices.to_numpy()], -1)
    of_left, of_right = place[: len(left.words)], place[len(left.words) : -1]
    return np.append(of_left, -1)[left.code], np.append(of_right, -1)[right.code]
