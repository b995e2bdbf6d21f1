"""Single rows, texts that repeat, and columns that leave memory again."""

import numpy as np
import pytest

from analysis.runs import sample_table
from analysis.runs.sample_table import SampleTable
from tests.planting import make_run


@pytest.fixture
def table(tmp_path):
    cameras = ["phone", None, "drone", "phone"] * 10
    return SampleTable(
        make_run(tmp_path / "run", classes=5, per_class=8, metadata={"camera": cameras}).run.path / "samples.parquet"
    )


def test_a_row_is_the_column_at_that_place(table):
    index, logit = table.topk()

    row = table.row(17)

    assert row["sample_id"] == 17
    assert row["loss"] == table.column("loss")[17]
    assert row["camera"] is None
    assert np.array_equal(row["topk_index"], index[17])
    assert np.array_equal(np.array(row["topk_logit"], dtype=np.float32), logit[17])
    assert table.row(3, ["label"]) == {"label": table.column("label")[3]}
    for number in (-1, 40):
        with pytest.raises(IndexError, match="40 rows"):
            table.row(number)


def test_texts_that_repeat_are_stored_once(table):
    camera, filepath = table.column("camera"), table.column("filepath")

    assert camera.tolist() == ["phone", None, "drone", "phone"] * 10
    assert camera[0] is camera[3]
    assert len(set(filepath)) == 40
    assert camera.dtype == filepath.dtype == object


def test_what_was_asked_for_longest_ago_leaves_memory(table, monkeypatch):
    monkeypatch.setattr(sample_table, "HELD", 2 * 40 * 4)
    loss = table.column("loss")
    table.column("margin")
    assert table.column("loss") is loss

    table.column("entropy")
    assert table.column("loss") is loss
    assert table.column("margin") is not loss
    assert np.array_equal(table.column("loss"), loss)
