"""Slices: what the search found and what people saved, with the same numbers."""

from pathlib import Path

import numpy as np
import pytest

from analysis import stages
from analysis.expressions.error import ExpressionError
from analysis.reports.class_adjusted import ClassAdjusted
from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from app.queries import runs, slices
from app.queries.investigations import StoreError
from app.queries.runs import RunKey
from tests.app.pages import open_page, words
from tests.planting import make_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`sliced`: camera b fails; `plain`: no metadata."""
    root = tmp_path_factory.mktemp("slices")
    rng = np.random.default_rng(0)
    camera = rng.choice(["a", "b"], 800, p=[0.85, 0.15])
    columns = {
        "camera": camera.tolist(),
        "same": ["x"] * 800,
        "id": [f"p{number}" for number in range(800)],
        "mixed": ["1" if number % 3 else "one" for number in range(800)],
    }
    make_run(root / "sliced", metadata=columns, degraded=camera == "b")
    make_run(root / "plain", classes=4, per_class=20)
    for name in ("sliced", "plain"):
        stages.report(Run.open(root / name), None)
        stages.judge(Run.open(root / name), lambda *_: None)
    return root


@pytest.fixture
def key(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunKey:
    monkeypatch.setenv("FAULTLINE_RUNS", str(folder))
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    return runs.run_key("sliced")


def test_what_was_found_comes_with_its_numbers(key: RunKey) -> None:
    row = slices.table(key).iloc[0]
    assert (row["slice"], row["name"], row["holds"]) == ('camera = "b"', "", True)
    inside = runs.column(key, "camera") == "b"
    wrong = ~runs.column(key, "correct_repaired")
    found = ClassAdjusted(runs.column(key, "label_index"), wrong).excess(inside)
    assert (row["size"], row["errors"]) == (found.size, found.errors) == (inside.sum(), (inside & wrong).sum())
    assert (row["low"], row["excess"], row["high"]) == (found.low, found.excess, found.high)
    assert row["lift"] == pytest.approx(found.errors / found.expected)
    assert row["held_out"].startswith("+")


def test_what_was_not_searched_says_why(key: RunKey) -> None:
    searched = slices.searched(key)
    assert searched is not None
    reasons = dict(searched.left_out.itertuples(index=False))
    assert reasons == {"same": "all its values are the same", "id": "every value is different"}
    assert searched.columns == 2


def test_an_own_slice_has_the_same_numbers(key: RunKey) -> None:
    slices.save(key, "bad camera", 'camera = "b"')
    slices.save(key, "broken", "camera = ")
    table = slices.table(key).set_index("name")
    numbers = ["size", "errors", "expected", "excess", "low", "high"]
    found = slices.table(key).iloc[0] if slices.table(key).iloc[0]["name"] == "" else slices.table(key).iloc[1]
    assert table.loc["bad camera", numbers].tolist() == found[numbers].tolist()
    assert table.loc["bad camera", "holds"]
    assert table.loc["broken", "error"]
    assert not table.loc["broken", "holds"]
    slices.save(key, " bad  camera ", 'camera = "b"')
    with pytest.raises(StoreError, match="already, saved by"):
        slices.save(key, "bad camera", 'camera = "a"')
    assert [item.value["where"] for item in slices.saved(key)] == ['camera = "b"', "camera = "]
    slices.forget(key, "bad camera")
    slices.forget(key, "never there")
    assert [item.subject for item in slices.saved(key)] == ["broken"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [(" ", "loss > 2", "1 to 80"), ("x" * 81, "loss > 2", "1 to 80"), ("x", "1" * 9_000, "view")],
)
def test_what_cannot_be_kept_as_a_slice(key: RunKey, name: str, text: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        slices.save(key, name, text)


def test_members_are_wrong_ones_first(key: RunKey) -> None:
    ids = slices.members(key, 'camera = "b"')
    right = runs.column(key, "correct_repaired")[ids]
    assert (np.diff(right.astype(int)) >= 0).all()
    with pytest.raises(ExpressionError):
        slices.members(key, "camera == (")


@pytest.mark.usefixtures("key")
def test_the_page_opens_the_worst_slice() -> None:
    app = open_page("slices", run="sliced")
    assert not app.exception
    assert "samples are wrong** (" in words(app)
    assert "It holds there too" in words(app)


@pytest.mark.usefixtures("key")
def test_a_link_to_any_expression_is_judged() -> None:
    app = open_page("slices", run="sliced", slice='camera = "a" and loss > 1')
    assert not app.exception
    assert "the same classes elsewhere would have" in words(app)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("text", ["camera = (", "nothing > 2", "__import__('os')"])
def test_a_link_that_is_no_expression(text: str) -> None:
    app = open_page("slices", run="sliced", slice=text)
    assert not app.exception
    assert len(app.warning) == 1


@pytest.mark.usefixtures("key")
def test_without_metadata_it_says_what_would_help() -> None:
    app = open_page("slices", run="plain")
    assert not app.exception
    assert "The manifest has no columns besides file and label" in words(app)


def test_how_pictures_look_is_searched_without_metadata_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    rng = np.random.default_rng(0)
    dark = rng.random(800) < 0.2
    make_run(tmp_path / "dark", degraded=dark)
    run = Run.open(tmp_path / "dark")
    replace_columns(run.path, {"pixel_mean": np.where(dark, 20.0, 120.0).astype(np.float32) + rng.normal(0, 2, 800)})
    stages.report(Run.open(run.path), None)
    stages.judge(Run.open(run.path), lambda *_: None)
    key = runs.run_key("dark")
    text = slices.failing(key)[0]
    assert text.startswith("pixel_mean < ")
    found = np.isin(np.arange(800), slices.members(key, text))
    assert (found & dark).sum() / (found | dark).sum() > 0.95
    row = slices.table(key).iloc[0]
    assert (row["slice"], row["holds"], row["size"]) == (text, True, found.sum())
    searched = slices.searched(key)
    assert searched is not None
    assert (searched.columns, searched.pictures) == (0, True)
    app = open_page("slices", run="dark")
    assert not app.exception
    assert "Brightness, 0 to 255" in words(app)
