"""Numbers of a finding against their thresholds, for reading in a table."""

from collections.abc import Sequence

import pandas as pd

from app.findings import Evidence

_SHOWN = {"ratio": "times", "factor": "times", "p": "", "cosine": "", "points of accuracy": "points"}
COLUMNS = ("What was measured", "Value", "Threshold", "Samples")


def evidence_table(evidence: Sequence[Evidence]) -> pd.DataFrame:
    """One row a number, as text: value and threshold in their unit, a dash where there is none."""
    rows = [
        (item.name, number(item.value, item.unit), number(item.threshold, item.unit), f"{item.n:,}")
        for item in evidence
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def number(value: float | None, unit: str) -> str:
    """A number as people read it: fractions as per cent, counts whole, others to three digits and with their unit."""
    if value is None:
        return "–"
    if unit == "fraction":
        return f"{100 * value:.1f} %"
    if unit == "count":
        return f"{value:,.0f}"
    if unit.startswith(("fraction of ", "share of ")):
        return f"{100 * value:.1f} % {unit.split(' ', 1)[1]}"
    if unit == "relative":
        return f"{100 * value:+,.0f} %"
    digits = f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e9 else f"{value:,.3g}"
    return f"{digits} {_SHOWN.get(unit, unit)}".strip()
