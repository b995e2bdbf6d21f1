"""The form's fields as an investigation file."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.spec.files import file_problems
from analysis.spec.investigation import check_investigation
from app.investigation_form import fill

REQUIRED = {"checkpoint": "/a/b.pth", "names": "/a/c.json", "validation": "/a/val"}


def _anywhere(text: str) -> Path:
    return Path(text)


def test_what_is_filled_in_stands_in_the_file_and_nothing_else() -> None:
    filled = fill({**REQUIRED, "title": "Leaves", "architecture": "timm/resnet50", "old": " "}, _anywhere)
    assert filled.complaints == ()
    assert tomllib.loads(filled.toml) == {
        "title": "Leaves",
        "model": {"checkpoint": "/a/b.pth", "architecture": "timm/resnet50"},
        "classes": {"names": "/a/c.json"},
        "data": {"validation": "/a/val"},
    }


def test_hierarchy_and_pool_stand_where_the_library_reads_them(tmp_path: Path) -> None:
    filled = fill({**REQUIRED, "hierarchy": "/a/tree.csv", "unlabeled": "/a/pool"}, _anywhere)
    content = tomllib.loads(filled.toml)
    assert content["classes"]["hierarchy"] == "/a/tree.csv"
    spec = check_investigation(content, tmp_path / "x.toml")
    assert (spec.classes.hierarchy, spec.data.unlabeled) == (Path("/a/tree.csv"), Path("/a/pool"))
    assert "classes.hierarchy" in file_problems(spec)


def test_overrides_become_numbers_lists_and_flags() -> None:
    typed = {"input_size": "224, 320", "crop_pct": "0.9", "mean": "[0.5 0.5,0.5]", "resize": "squash", "exif": "yes"}
    found = tomllib.loads(fill({**REQUIRED, **typed}, _anywhere).toml)["preprocessing"]
    assert found == {
        "input_size": [224, 320],
        "crop_pct": 0.9,
        "mean": [0.5, 0.5, 0.5],
        "resize": "squash",
        "exif": True,
    }


@pytest.mark.parametrize(
    ("name", "typed"), [("input_size", "big"), ("input_size", "2.5"), ("crop_pct", "1 2"), ("mean", "a, b")]
)
def test_what_is_no_number_is_a_complaint_that_names_the_key(name: str, typed: str) -> None:
    (complaint,) = fill({**REQUIRED, name: typed}, _anywhere).complaints
    assert complaint.startswith(f"preprocessing.{name}: expected")
    assert repr(typed) in complaint


def test_a_factory_must_lie_in_an_allowed_folder_and_a_library_name_need_not() -> None:
    def nowhere(text: str) -> Path:
        if text.endswith(".py"):
            raise AnalysisError(f"{text} lies outside")
        return Path(text)

    assert fill({**REQUIRED, "architecture": "timm/vit"}, nowhere).complaints == ()
    complaints = fill({**REQUIRED, "architecture": "/x/net.py:make"}, nowhere).complaints
    assert complaints == ("model.architecture: /x/net.py lies outside",)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_title_survives(title: str) -> None:
    assert tomllib.loads(fill({**REQUIRED, "title": title}, _anywhere).toml)["title"] == (title.strip() or "Untitled")
