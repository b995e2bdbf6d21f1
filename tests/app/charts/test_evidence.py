"""Evidence as people read it."""

import pytest

from app.charts.evidence import evidence_table, number
from app.findings import Evidence


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.7861, "fraction", "78.6 %"),
        (None, "fraction", "–"),
        (12345.0, "count", "12,345"),
        (13.951, "logits", "14 logits"),
        (2.0, "", "2"),
        (0.01234, "nats", "0.0123 nats"),
        (11.63, "ratio", "11.6 times"),
        (0.004, "p", "0.004"),
        (0.905, "fraction of the length", "90.5 % of the length"),
        (0.25, "relative", "+25 %"),
    ],
)
def test_numbers_carry_their_unit(value: float | None, unit: str, shown: str) -> None:
    assert number(value, unit) == shown


def test_a_row_holds_value_threshold_and_samples() -> None:
    table = evidence_table([Evidence(name="a", value=0.5, threshold=None, unit="fraction", n=23202)])
    assert table.to_numpy().tolist() == [["a", "50.0 %", "–", "23,202"]]
