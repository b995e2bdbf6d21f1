"""A look finds everything at once and never stumbles."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from analysis.inspection import Inspection, inspect
from analysis.spec.investigation import check_investigation
from tests.analysis.models.networks import FACTORY, plain

NAMES = ["ape", "bee", "cat", "dog", "eel"]
OLD = ["bee", "ape", "cat"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of five classes that grew out of one of three, with four labelled pictures."""
    old, new = plain(classes=3), plain(classes=5)
    new.backbone.load_state_dict(old.backbone.state_dict())
    with torch.no_grad():
        new.fc.weight[:3] = old.fc.weight  # by position, although the lists are in different orders
    torch.save({"model": {f"module.{k}": v for k, v in new.state_dict().items()}}, tmp_path / "new.pth")
    torch.save(old.state_dict(), tmp_path / "old.pth")
    (tmp_path / "net.py").write_text(FACTORY)
    (tmp_path / "classes.json").write_text(json.dumps(NAMES))
    (tmp_path / "old.json").write_text(json.dumps(OLD))
    for name in ("ape", "bee", "cat", "unicorn"):
        Image.new("RGB", (40, 40)).save(tmp_path / f"{name}.png")
    rows = [f"{name}.png,{name},left" for name in ("ape", "bee", "cat", "unicorn")]
    (tmp_path / "val.csv").write_text("\n".join(["filepath,label,side", *rows, "gone.png,dog,right"]))
    return tmp_path


CONTENT = {
    "model": {"checkpoint": "new.pth", "architecture": "net.py:build"},
    "classes": {"names": "classes.json", "old": "old.json"},
    "data": {"validation": "val.csv"},
    "preprocessing": {"input_size": 32},
    "baseline": {"checkpoint": "old.pth", "classes": "old.json"},
}


def look(folder: Path, **sections: dict[str, object]) -> Inspection:
    content = {name: {**CONTENT.get(name, {}), **sections.get(name, {})} for name in {*CONTENT, *sections}}
    return inspect(check_investigation(content, folder / "x.toml"))


def test_everything_is_found(folder: Path) -> None:
    found = look(folder)
    assert found.errors == ()
    assert (found.classes.listed, found.classes.old, found.classes.new) == (5, 3, 2)
    assert (found.checkpoint.kind, found.checkpoint.stripped) == ("state_dict", ("module.",))
    assert found.checkpoint.loaded == found.checkpoint.tensors == 9
    assert (found.head.name, found.head.outputs, found.head.dims) == ("fc", 5, 6)
    assert found.preprocessing["input_size"] == (32, 32)
    assert found.preprocessing["provenance"]["input_size"] == "investigation"
    assert found.preprocessing["provenance"]["mean"] == "fallback"
    validation = found.data["validation"]
    assert (validation.samples, validation.unknown_labels, validation.unknown_names) == (5, 1, ("unicorn",))
    assert (validation.files_missing, validation.first_missing) == (1, "gone.png")
    assert (validation.classes_without_samples, validation.metadata) == (1, ("side",))


def test_lineage_tells_rows_copied_by_position(folder: Path) -> None:
    found = look(folder)
    assert found.lineage.tensors["identical"] == 6
    assert found.lineage.rows_by_position.share_related == 1.0
    assert found.lineage.rows_by_name.rows == 3
    assert any("by position" in warning for warning in found.warnings)


def test_it_reads_as_json_and_as_text(folder: Path) -> None:
    found = look(folder)
    plain_values = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert plain_values["head"]["norms"]["old"]["count"] == 3
    text = found.to_text()
    assert text.startswith("x  (")
    assert "warning: 1 of 5 files of the validation set" in text
    assert text.endswith("Ready to run.")


def test_all_errors_are_collected(folder: Path) -> None:
    (folder / "old.json").write_text('["ape", "ape"]')
    (folder / "new.pth").write_bytes(b"")
    (folder / "val.csv").unlink()
    found = look(folder, classes={"names": "none.json"}, model={"architecture": "net.py:biuld"})
    text = found.to_text()
    for expected in (
        "none.json does not exist",
        "val.csv does not exist",
        "more than once: 'ape'",
        "0 bytes",
        "'biuld'",
    ):
        assert any(expected in error for error in found.errors), expected
    assert text.endswith("a run cannot start.")
    assert (found.classes, found.checkpoint, found.head, found.preprocessing, found.lineage) == (None,) * 5


def test_a_head_and_a_list_of_different_lengths_are_a_warning(folder: Path) -> None:
    (folder / "classes.json").write_text(json.dumps(NAMES[:4]))
    found = look(folder)
    assert found.errors == ()
    assert any("5 outputs, the class list 4 names" in warning for warning in found.warnings)


def test_labels_that_are_all_unknown_and_pictures_that_are_all_gone_are_errors(folder: Path) -> None:
    (folder / "val.csv").write_text("filepath,label\nnone/1.png,unicorn\nnone/2.png,griffin\n")
    found = look(folder)
    assert any(error.startswith("None of 2 files of the validation set") for error in found.errors)
    assert any(error.startswith("None of the 2 labels of the validation set") for error in found.errors)


def test_a_training_set_that_is_not_here_is_a_warning(folder: Path) -> None:
    missing = look(folder, data={"train": "none.csv"}, training={"log": "none.csv"})
    assert missing.errors == ()
    assert sum("does not exist" in warning for warning in missing.warnings) == 2
    (folder / "train.csv").write_text("colour\nred\n")
    assert any(
        "training set could not be read" in warning for warning in look(folder, data={"train": "train.csv"}).warnings
    )


def test_a_training_set_is_counted_without_looking_for_its_pictures(folder: Path) -> None:
    (folder / "train.csv").write_text("filepath,label\nelsewhere/1.png,ape\nelsewhere/2.png,bee\n")
    train = look(folder, data={"train": "train.csv"}).data["train"]
    assert (train.samples, train.classes, train.files_looked_at) == (2, 2, 0)


def test_a_baseline_of_another_network_is_a_warning(folder: Path) -> None:
    torch.manual_seed(9)
    torch.save({"backbone.0.weight": torch.randn(6, 3, 3, 3), "fc.weight": torch.randn(3, 6)}, folder / "old.pth")
    found = look(folder)
    assert found.lineage.tensors["unrelated"] == 1
    assert found.errors == ()
