"""The order of a table: against pandas' own, with ties and missing values; and from the link."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.queries import runs, slices
from app.widgets.sorting import Column, in_order
from tests.app.pages import open_page

FRAME = pd.DataFrame({"name": list("abcde"), "size": [2.0, np.nan, 3.0, 2.0, 1.0]})


@pytest.mark.parametrize(
    ("column", "reverse", "names"),
    [
        (Column(name="size"), False, "cadeb"),
        (Column(name="size"), True, "eadcb"),
        (Column(name="name", largest_first=False), False, "abcde"),
        (Column(name="name", largest_first=False), True, "edcba"),
        (Column(name=None), False, "abcde"),
        (Column(name=None), True, "edcba"),
        (Column(name="not there"), False, "abcde"),
    ],
)
def test_orders(column: Column, reverse: bool, names: str) -> None:
    found = in_order(FRAME, column, reverse=reverse)
    assert "".join(found["name"]) == names
    assert list(found.index) == list(range(5))


@pytest.mark.parametrize(
    ("page", "link", "column", "rising"),
    [
        ("clusters", {"clu_table": "true", "clu_sort": "Size"}, "size", False),
        ("clusters", {"clu_table": "true", "clu_sort": "Size", "clu_reverse": "true"}, "size", True),
        ("classes", {"cls_view": "Confusions", "cls_pairs_sort": "Share of the label"}, "share", False),
        ("slices", {"sli_sort": "Errors"}, "errors", False),
        ("slices", {"sli_sort": "Errors", "sli_reverse": "true"}, "errors", True),
    ],
)
def test_a_link_says_the_order(explored_root: Path, page: str, link: dict[str, str], column: str, rising: bool) -> None:
    key = runs.run_key("full")
    for name in () if page != "slices" else ("class 003", "class 005", "class 007"):
        slices.save(key, name, f'label = "{name}"')
    app = open_page(page, run="full", **link)
    assert not app.exception
    values = next(table.value[column] for table in app.dataframe if column in table.value)
    assert len(values) > 1
    assert values.is_monotonic_increasing if rising else values.is_monotonic_decreasing
