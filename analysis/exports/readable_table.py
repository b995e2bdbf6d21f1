"""A finding's table as people read it: column names in words, numbers with few digits, everything as text."""

import numbers

import numpy as np
import pandas as pd

_WORDS = {
    "mmd2": "MMD²",
    "auc": "AUC",
    "p_adjusted": "p, adjusted",
    "p": "p",
    "n": "Samples",
    "excess_low": "Excess, at least",
    "excess_high": "Excess, at most",
    "first_name": "From class",
    "last_name": "To class",
    "label_is_rows_below": "Label stands this many rows below",
    "found_z": "z where it was found",
    "var_distance": "Distance of the variance, |ln ratio|",
    "mean_distance": "Distance of the mean, variances",
}
_SHARES = ("accuracy", "recall", "rate", "share", "confidence", "precision")


def readable_table(table: pd.DataFrame, rows: int) -> pd.DataFrame:
    """The first `rows` rows as text; shares as per cent, empty cells as a dash."""
    head = table.head(rows)
    return pd.DataFrame({words(str(name)): [cell(str(name), value) for value in head[name]] for name in head})


def words(column: str) -> str:
    """A column's name as words: `held_out_size` → "Held out size"."""
    text = _WORDS.get(column, column.replace("_", " "))
    return text if column in _WORDS else text[:1].upper() + text[1:]


def cell(column: str, value: object) -> str:
    """One value as text: yes or no, a whole number, a share as per cent, any other number to three digits."""
    if isinstance(value, np.ndarray | list | tuple):
        return ", ".join(cell(column, one) for one in value)
    if value is None or value is pd.NA or value is pd.NaT:
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}"
    if isinstance(value, numbers.Real):
        return _number(column, float(value))
    return str(value)


def _number(column: str, value: float) -> str:
    if value != value:  # noqa: PLR0124 - NaN
        return "–"
    if any(word in column for word in _SHARES) and 0 <= value <= 1:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e9 else f"{value:,.3g}"
