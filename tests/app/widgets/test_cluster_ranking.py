"""A bar of the ranking is solid up to the lower bound and goes on to the estimate."""

import pandas as pd
import pytest

from app.widgets.cluster_ranking import _bar


@pytest.mark.parametrize(
    ("low", "estimate", "sure", "likely"), [(22.0, 30.0, 22, 30), (-2.0, 1.0, 0, 1), (-9, -3, 0, 0)]
)
def test_it_ends_where_the_excess_is_sure(low: float, estimate: float, sure: float, likely: float) -> None:
    row = pd.Series(
        {"cluster": 3, "name": "<b>dark</b>", "size": 50, "errors": 40, "expected_errors": 10.0,
         "excess_errors": estimate, "excess_low": low}
    )  # fmt: skip
    bar = _bar(row)
    assert (bar.sure, bar.likely) == (sure, likely)
    assert bar.name == "3: <b>dark</b>"
    assert bar.hint.startswith("40 errors in 50 samples, 10.0 expected")
