"""Metadata columns as levels: categories as they are, numbers by quantiles; what cannot make groups is named.

Letters: N samples, L levels of a column.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.expressions.names import quoted_name

NO_LEVEL = -1
_BINS = 20
_FEW_NUMBERS = 12  # distinct numbers up to which each is a level of its own
_SMALLEST_SUPPORT = 32
_SUPPORT_SHARE = 0.01
_DIGITS = (2, 3, 4, 6, 9)  # significant digits that cut points are rounded to: the fewest that keep them apart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """A column cut into groups.

    Attributes:
        name: of the column.
        code: (N,) integer level of each sample; −1 = a value too rare to stand alone.
        first: (L,) text of a level's value, or of its lower end. last: of its value, or of its upper end, exclusive.
        ordered: True where neighbouring levels make a range; these are the first `ranged` levels.
        missing: number of the level of missing values, −1 where there is none.
        binned: True where a level is an interval.
    """

    name: str
    code: IntArray
    first: tuple[str, ...]
    last: tuple[str, ...]
    ordered: bool
    missing: int
    binned: bool

    @property
    def levels(self) -> int:
        """L, that of missing values included."""
        return len(self.first)

    @property
    def ranged(self) -> int:
        """Levels without that of missing values."""
        return self.levels - (self.missing >= 0)

    def ranges(self) -> IntArray:
        """(P, 2) first and last level of every group worth naming: single levels, and all ranges where they order."""
        ends = [(low, low) for low in range(self.levels)]
        if self.ordered:
            ends += [
                (low, high)
                for low in range(self.ranged)
                for high in range(low + 1, self.ranged)
                if high - low + 1 < self.ranged or self.missing >= 0
            ]
        return np.array(ends, dtype=np.int64).reshape(-1, 2)

    def inside(self, low: int, high: int) -> BoolArray:
        """(N,) True where a sample's level lies in the range, ends included."""
        return np.asarray((self.code >= low) & (self.code <= high))

    def text(self, low: int, high: int) -> str:
        """The range as an expression: ``camera = "b"``, ``iso >= 200 and iso < 800``, ``iso is missing``."""
        name = quoted_name(self.name)
        if low == self.missing:
            return f"{name} is missing"
        if not self.ordered or (low == high and not self.binned):
            return f"{name} = {self.first[low]}"
        above, below = f"{name} >= {self.first[low]}", f"{name} {'<' if self.binned else '<='} {self.last[high]}"
        if high == self.ranged - 1:
            return above
        return below if low == 0 else f"{above} and {below}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A column that makes no groups, and why, as a half-sentence."""

    name: str
    reason: str


def least_support(samples: int) -> int:
    """Samples a group needs: 32, or one in a hundred where that is more."""
    return max(_SMALLEST_SUPPORT, int(np.ceil(_SUPPORT_SHARE * samples)))


def levels_of(
    frame: pd.DataFrame, *, least: int | None = None, bins: int = _BINS
) -> tuple[list[Levels], list[Skipped]]:
    """Every column of N rows as levels, or the reason why it has none.

    Missing values are a level of their own where they are many. Categories and few distinct numbers are taken as they
    are; more numbers, and dates, are cut into `bins` at quantiles. Values with fewer than `least` samples (default:
    `least_support`) are left out.
    """
    found: list[Levels] = []
    skipped: list[Skipped] = []
    for place, name in enumerate(frame.columns):
        made = column_levels(str(name), frame.iloc[:, place], least=least, bins=bins)
        if isinstance(made, Levels):
            found.append(made)
        else:
            skipped.append(made)
    return found, skipped


def column_levels(
    name: str, values: "pd.Series[Any]", *, least: int | None = None, bins: int = _BINS
) -> Levels | Skipped:
    """One column; see `levels_of`."""
    least = least_support(len(values)) if least is None else least
    if not len(values):
        return Skipped(name=name, reason="it has no values")
    number, dates = _numbers(values)
    if number is None:
        return _categories(name, values, least)
    known = np.isfinite(number)
    distinct = np.unique(number[known])
    if (odd := _too_alike(len(distinct), bool(known.all()))) is not None:
        return Skipped(name=name, reason=odd)
    if len(distinct) <= _FEW_NUMBERS:
        code = np.where(known, np.searchsorted(distinct, np.where(known, number, distinct[:1].sum())), NO_LEVEL)
        names = [_number_text(value, dates) for value in distinct]
        return _kept(name, code, names, names, missing=~known, ordered=True, binned=False, least=least)
    cuts, texts = _cuts(number[known], dates, bins)
    code = np.where(known, np.searchsorted(cuts, number, side="right"), NO_LEVEL)
    first, last = ["", *texts], [*texts, ""]
    return _kept(name, code, first, last, missing=~known, ordered=True, binned=True, least=least)


def _numbers(values: "pd.Series[Any]") -> tuple[FloatArray | None, bool]:
    """(N,) float64, NaN = missing, and whether these are seconds of dates; None for what is no number."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        moments = pd.to_datetime(values, utc=True).to_numpy(dtype="datetime64[s]")
        return np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64)), True
    if pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        return None, False
    if pd.api.types.is_complex_dtype(values.dtype):
        return None, False
    return values.to_numpy(dtype=np.float64, na_value=np.nan), False


def _cuts(number: FloatArray, dates: bool, bins: int) -> tuple[FloatArray, list[str]]:
    """Inner quantiles, rounded as far as they stay apart, and as text."""
    exact = np.unique(np.quantile(number, np.arange(1, bins) / bins, method="lower"))
    exact = exact[exact > number.min()]
    if dates:
        return exact, [_number_text(value, dates) for value in exact]
    for digits in _DIGITS:
        rounded = np.array([float(f"{value:.{digits}g}") for value in exact])
        gaps = np.diff(np.concatenate([[number.min()], exact, [number.max()]]))
        if len(np.unique(rounded)) == len(exact) and bool((np.abs(rounded - exact) <= gaps[:-1] / 4).all()):
            return rounded, [_number_text(value, dates) for value in rounded]
    return exact, [_number_text(value, dates) for value in exact]


def _number_text(value: float, dates: bool) -> str:
    if dates:
        return f'"{pd.Timestamp(int(value), unit="s").isoformat()}"'
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _categories(name: str, values: "pd.Series[Any]", least: int) -> Levels | Skipped:
    plain = values if pd.api.types.infer_dtype(values, skipna=True) == "string" else _as_text(values)
    code, distinct = pd.factorize(plain, sort=False)
    empty = np.flatnonzero(np.asarray(distinct, dtype=object) == "")
    missing = (code < 0) | np.isin(code, empty)
    if len(distinct) - len(empty) == len(values):
        return Skipped(name=name, reason="every value is different")
    if (odd := _too_alike(len(distinct) - len(empty), not missing.any())) is not None:
        return Skipped(name=name, reason=odd)
    names = [json.dumps(str(value), ensure_ascii=False) for value in distinct]
    code = np.where(missing, NO_LEVEL, code)
    return _kept(name, code, names, names, missing=missing, ordered=False, binned=False, least=least)


def _too_alike(distinct: int, complete: bool) -> str | None:
    if distinct == 0:
        return "it has no values"
    return "all its values are the same" if distinct == 1 and complete else None


def _as_text(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Mixed values, lists and booleans by their text; missing stays missing."""
    absent = values.isna().to_numpy()
    texts: list[Any] = [None if gone else _text(value) for value, gone in zip(values, absent, strict=True)]
    return pd.Series(texts, dtype=object)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def _kept(
    name: str,
    code: AnyArray,
    first: Sequence[str],
    last: Sequence[str],
    *,
    missing: BoolArray,
    ordered: bool,
    binned: bool,
    least: int,
) -> Levels | Skipped:
    """Levels with enough samples, renumbered; a number too rare to stand alone stays, for the ranges it is part of."""
    count = np.bincount(code[code >= 0], minlength=len(first))
    keep = np.flatnonzero((count >= least) | (ordered & (count > 0)))
    if not (count >= least).any() and missing.sum() < least and not ordered:
        return Skipped(name=name, reason=f"no value of it has {least:,} samples")
    place = np.full(len(first) + 1, NO_LEVEL)
    place[keep] = np.arange(len(keep))
    code = place[code]
    has_missing = int(missing.sum()) >= least
    if has_missing:
        code[missing] = len(keep)
    texts = [[texts[i] for i in keep.tolist()] + ["missing"] * has_missing for texts in (first, last)]
    return Levels(
        name=name,
        code=code.astype(np.int16 if len(keep) < np.iinfo(np.int16).max else np.int32),
        first=tuple(texts[0]),
        last=tuple(texts[1]),
        ordered=ordered,
        missing=len(keep) if has_missing else -1,
        binned=binned,
    )
