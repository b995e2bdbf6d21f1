"""What a cell becomes, and that Python and pandas read it back."""

import csv
import io

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.exports.csv_text import csv_bytes


def _cells(values: list[str | None]) -> list[str]:
    text = csv_bytes(pa.table({"a": pa.array(values, pa.string())}), header=False).decode()
    return [row[0] if row else "" for row in csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "\rx", "\n=1", "--1", "+"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert _cells([text]) == [f"'{text}"]


@pytest.mark.parametrize("text", ["-3", "+4.5e3", "-.5", "7 → 1", "a=b", "", "'x", "ünï", 'say "=1", twice'])
def test_numbers_and_other_text_stay(text: str) -> None:
    assert _cells([text]) == [text]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_every_text_comes_back_up_to_the_apostrophe(texts: list[str]) -> None:
    assert [cell.removeprefix("'") for cell in _cells(texts)] == [text.removeprefix("'") for text in texts]


def test_numbers_lists_and_missing_values() -> None:
    table = pa.table(
        {
            "=n": pa.array([1, None, 3], pa.int32()),
            "f": pa.array([-0.1, float("nan"), None], pa.float32()),
            "l": pa.array([[1.5, float("-inf")], [], None], pa.list_(pa.float32())),
            "b": pa.array([True, False, None]),
            "d": pa.array(["-x", "y", None]).dictionary_encode(),
            "none": pa.nulls(3),
        }
    )
    assert csv_bytes(table, header=True).decode().splitlines() == [
        '"\'=n","f","l","b","d","none"',
        '1,-0.1,"[1.5,-inf]",true,"\'-x",',
        ',,"[]",false,"y",',
        "3,,,,,",
    ]


def test_pandas_reads_the_same_numbers() -> None:
    values = [0.1, 1e-7, 12345.678, -3.0]
    table = pa.table({"x": pa.array(values, pa.float32())})
    read = pd.read_csv(io.BytesIO(csv_bytes(table, header=True)))["x"].astype("float32")
    assert read.tolist() == pa.array(values, pa.float32()).to_pylist()
