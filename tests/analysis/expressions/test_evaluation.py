"""Columns of every kind, comparisons that make no sense, and values that no sample has."""

import decimal

import numpy as np
import pyarrow as pa
import pytest

from analysis.expressions.error import ExpressionError
from analysis.expressions.parser import parse

COLUMNS = {
    "label": pa.array(["cat", "dog", "cat", "3"]).dictionary_encode(),
    "prediction": np.array(["cat", "cat", "dog", None], dtype=object),
    "loss": np.array([0.1, 2.5, np.nan, 3.0], dtype=np.float32),
    "half": np.array([0.5, 1, 2, 3], dtype=np.float16),
    "rank": pa.array([1, None, 3, 4], type=pa.int32()),
    "correct": np.array([True, False, False, True]),
    "day": pa.array(["2024-05-01", "2024-05-02", None, "2024-06-01"]).cast(pa.timestamp("ms")),
    "mixed": np.array(["1", 2, None, [3]], dtype=object),
    "price": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("2.00"), None]),
    "nothing": pa.nulls(4),
}


def _passing(text: str) -> list[int]:
    functions = {"flagged": lambda name: {"label_errors": COLUMNS["correct"]}[name]}
    return np.flatnonzero(parse(text).mask(COLUMNS.__getitem__, 4, names=COLUMNS, functions=functions)).tolist()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('label = "cat"', [0, 2]),
        ('label > "cat"', [1]),
        ("label = prediction", [0]),
        ("label != prediction", [1, 2]),
        ("prediction < label", [1]),
        ('prediction != "cat"', [2]),
        ('prediction != "cat" or prediction is missing', [2, 3]),
        ('label contains "CA"', [0, 2]),
        ('label in ("dog", "3")', [1, 3]),
        ("loss = 0.1", [0]),
        ("loss < 1e300", [0, 1, 3]),
        ("loss is missing", [2]),
        ("half < 70000", [0, 1, 2, 3]),
        ("rank > loss", [0, 3]),
        ("rank != 99999999999", [0, 2, 3]),
        ("not rank = 3", [0, 3]),
        ("correct", [0, 3]),
        ('correct = "false"', [1, 2]),
        ("correct != true", [1, 2]),
        ('day >= "2024-05-02"', [1, 3]),
        ('day = "2024-05-01T02:00:00+02:00"', [0]),
        ('day in ("2024-05-01", "2024-06-01")', [0, 3]),
        ('mixed = "2"', [1]),
        ('price = "1.50"', [0]),
        ("nothing is missing", [0, 1, 2, 3]),
        ('flagged("label_errors") and loss > 2', [3]),
    ],
)
def test_who_passes(text: str, ids: list[int]) -> None:
    assert _passing(text) == ids


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("labl = 3", "Did you mean label?"),
        ("LOSS > 3", "Did you mean loss?"),
        ("zzz > 3", "There is no column zzz."),
        ("label = cat", 'double quotes: "cat"'),
        ("label = 3", 'write label = "3"'),
        ('loss > "2"', "write loss > 2"),
        ('loss > "high"', "compare it with a number"),
        ("loss = true", "this is yes or no"),
        ("loss", "such as loss = 2"),
        ("correct > true", "write correct or not correct"),
        ('correct = "maybe"', "write correct or not correct"),
        ("correct < correct", "cannot be compared"),
        ("loss = label", "loss holds numbers and label text"),
        ('loss contains "2"', "only text can contain"),
        ('loss in (1, "a")', "this is text"),
        ("day = 2024", 'such as day = "2024-05-31"'),
        ('day > "May"', "This is no date"),
        ('day in ("2024-05-01", "x")', "This is no date"),
        ('flaged("label_errors")', "Did you mean flagged"),
        ('flagged("nothing")', "nothing"),
    ],
)
def test_what_makes_no_sense_is_said(text: str, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        _passing(text)
    assert said in caught.value.message


def test_a_value_that_no_sample_has_is_a_remark() -> None:
    found = parse('label = "Cat" or label in ("dgo", "dog") or prediction != "zzz"').evaluate(COLUMNS.__getitem__, 4)
    assert found.remarks == (
        'No sample has label = "Cat". Nearest: "cat".',
        'No sample has label = "dgo". Nearest: "dog".',
        'No sample has prediction = "zzz".',
    )


def test_text_in_chunks_with_other_dictionaries_is_one_column() -> None:
    chunks = pa.chunked_array([pa.array(["b", ""]).dictionary_encode(), pa.array(["a", None, "b"]).dictionary_encode()])
    assert parse('x = "b"').mask(lambda _: chunks, 5).tolist() == [True, False, False, False, True]
    assert parse("x is missing").mask(lambda _: chunks, 5).tolist() == [False, True, False, True, False]


def test_no_samples() -> None:
    empty = {"x": pa.array([], type=pa.string()), "y": np.zeros(0)}
    assert parse('x = "b" or y > 2 or x contains "a"').mask(empty.__getitem__, 0).tolist() == []
