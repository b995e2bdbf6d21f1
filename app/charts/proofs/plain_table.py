"""A finding's table as people read it: column names in words, numbers with few digits, everything as text."""

import numbers

import pandas as pd

MOST_ROWS = 50
_WORDS = {
    "mmd2": "MMD²", "auc": "AUC", "p": "p", "p_adjusted": "p, adjusted", "n": "samples",
    "excess_low": "excess, at least", "excess_high": "excess, at most",
    "first_name": "from class", "last_name": "to class",
    "label_is_rows_below": "label is … rows below", "found_z": "z where it was found",
}  # fmt: skip
_SHARES = ("accuracy", "recall", "rate", "share", "confidence", "precision")


def plain_table(table: pd.DataFrame) -> pd.DataFrame:
    """The first `MOST_ROWS` rows as text; shares as per cent, empty cells as a dash."""
    head = table.head(MOST_ROWS)
    return pd.DataFrame({words(str(name)): [_cell(str(name), value) for value in head[name]] for name in head})


def words(column: str) -> str:
    """A column's name as words: `held_out_size` → "Held out size"."""
    text = _WORDS.get(column, column.replace("_", " "))
    return text[:1].upper() + text[1:]


def _cell(column: str, value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return "–"
    if isinstance(value, bool | numbers.Number) and str(value) in ("True", "False"):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}"
    if isinstance(value, numbers.Real):
        return _number(column, float(value))
    return str(value)


def _number(column: str, value: float) -> str:
    if any(word in column for word in _SHARES) and 0 <= value <= 1:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e9 else f"{value:,.3g}"
