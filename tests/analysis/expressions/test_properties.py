"""What is printed reads back as the same tree; masks equal a naive row-by-row evaluation; no text breaks anything."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.expressions.error import ExpressionError
from analysis.expressions.names import quoted_name
from analysis.expressions.parser import parse
from analysis.expressions.tree import Compare, Name, Tree, Value
from analysis.reports.metadata_columns import levels_of
from tests.analysis.expressions.trees import ROWS, TREES, truth

TABLE = {name: pa.array([row[name] for row in ROWS]) for name in ROWS[0]}
FUNCTIONS = {"flagged": lambda _: TABLE["flag"]}


@settings(deadline=None)
@given(TREES)
def test_what_is_printed_reads_back(tree: Tree) -> None:
    again = parse(str(tree))
    assert again.tree == tree
    assert str(again) == str(tree)


@settings(deadline=None)
@given(TREES)
def test_a_mask_equals_row_by_row(tree: Tree) -> None:
    mask = parse(str(tree)).mask(TABLE.__getitem__, len(ROWS), functions=FUNCTIONS)
    assert mask.dtype == bool
    assert mask.tolist() == [truth(tree, row) is True for row in ROWS]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("abl \"`\\'();,=<>!-.1e9\n\x00é and not in is missing"), max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    error = None
    try:
        parse(text).mask(TABLE.__getitem__, len(ROWS), names=TABLE, functions=FUNCTIONS)
    except ExpressionError as refused:
        error = refused
    assert error is None or (0 <= error.at <= len(text) and "^" in error.pointer())


@settings(deadline=None)
@given(st.text())
def test_any_name_can_be_written(name: str) -> None:
    assert parse(f"{quoted_name(name)} = 1").tree == Compare(Name(name), "=", Value(1))


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b", "", None, 'x "y" \\', "ü\n\t"] * 10,
        [True, False, None] * 20,
        list(range(60)),
        [0.1, 1e-7, 1e20, 5.0, None, float("inf")] * 10,
        (10.0 ** np.linspace(-8, 18, 600)).tolist(),
        list(pd.date_range("2023-01-01", periods=60, tz="Europe/Paris")),
        list(pd.date_range("2023-01-01", periods=6, freq="7h")) * 10,
        [pd.Timestamp("2024-05-01").date(), pd.Timestamp("2024-05-02").date()] * 30,
    ],
)
@pytest.mark.parametrize("name", ["camera", "iso speed", "in", "`", "größe"])
def test_every_group_of_a_column_is_an_expression_for_its_samples(name: str, values: list[object]) -> None:
    table = pa.table({name: pa.array(values * 5, from_pandas=True)})
    columns, _ = levels_of(table.to_pandas())
    assert columns
    for levels in columns:
        for low, high in levels.ranges():
            expression = parse(levels.text(low, high))
            mask = expression.mask(table.column, table.num_rows)
            assert (mask == levels.inside(low, high)).all(), str(expression)
