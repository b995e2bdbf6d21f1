"""FiftyOne's labels.json, read back by the rules of its importer."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.exports.chosen import Chosen
from analysis.exports.export import export
from analysis.exports.fiftyone_labels import picture_root
from analysis.runs.atomic import write_json
from analysis.runs.run import Run
from tests.planting import Planted


def _read(run: Run, what: str, chosen: Chosen | None = None) -> dict[str, Any]:
    exported = export(run, what, chosen or Chosen())
    assert exported.media_type == "application/json"
    return json.loads(b"".join(exported.chunks))


def test_targets_are_numbers_in_the_classes(planted: Planted) -> None:
    run = planted.run
    found = _read(run, "fiftyone-labels")
    assert found.keys() == {"classes", "labels"}
    assert found["classes"] == list(run.class_names)
    assert len(found["labels"]) == len(run)
    for sample in (0, 17, 799):
        uuid = run.column("filepath")[sample].removesuffix(".png")  # looked up below data_path without the extension
        target = found["labels"][uuid]
        assert found["classes"][target["label"]] == run.column("label")[sample]
        assert target["attributes"]["sample_id"] == sample
        assert target["attributes"]["prediction"] == run.column("prediction")[sample]
        assert target["attributes"]["correct"] == bool(run.column("correct")[sample])
        assert "confidence" not in target


def test_predictions_have_their_confidence(planted: Planted) -> None:
    run = planted.run
    found = _read(run, "fiftyone-predictions")
    target = next(iter(found["labels"].values()))
    assert found["classes"][target["label"]] == run.column("prediction")[0]
    assert target["confidence"] == pytest.approx(run.column("confidence")[0])
    assert target["attributes"]["ground_truth"] == run.column("label")[0]


def test_attributes_are_field_names_and_never_nan(planted: Planted) -> None:
    found = _read(planted.run, "fiftyone-labels", Chosen(ids=np.array([0, 1])))
    first, second = (target["attributes"] for target in found["labels"].values())
    assert first["site"] == "@a"  # the column is called +site
    assert "site" not in second
    assert all(name.isidentifier() and not name.startswith("_") for name in first)


def test_paths_are_absolute_where_the_root_is_known(planted: Planted, tmp_path: Path) -> None:
    (tmp_path / "val.csv").touch()
    meta = planted.run.meta | {"spec": {"data": {"validation": str(tmp_path / "val.csv"), "root": None}}}
    write_json(planted.run.path / "run.json", meta)
    run = Run.open(planted.run.path)
    first = next(iter(_read(run, "fiftyone-labels")["labels"]))
    assert first == str(tmp_path / run.column("filepath")[0])
    hidden = b"".join(export(run, "fiftyone-labels", relative=True).chunks).decode()
    assert str(tmp_path) not in hidden
    assert run.column("filepath")[0].removesuffix(".png") in json.loads(hidden)["labels"]


@pytest.mark.parametrize(
    ("data", "root"),
    [
        ({"validation": "/gone/val.csv"}, "/gone"),
        ({"validation": "/gone/folder"}, "/gone/folder"),
        ({"validation": "/gone/val.csv", "root": "/pictures"}, "/pictures"),
        ({}, None),
    ],
)
def test_where_relative_paths_start(planted: Planted, data: dict[str, str], root: str | None) -> None:
    planted.run.meta["spec"] = {"data": data}
    assert picture_root(planted.run) == (None if root is None else Path(root))


def test_nothing_chosen_is_still_a_data_set(planted: Planted) -> None:
    assert _read(planted.run, "fiftyone-labels", Chosen(ids=np.array([], dtype=np.int64)))["labels"] == {}
