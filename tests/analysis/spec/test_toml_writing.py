"""What is written reads back the same, whatever the text."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OutputError, SpecError
from analysis.spec.investigation import dump_investigation, load_investigation
from analysis.spec.toml_writing import toml_text, write_investigation

CONTENT = {
    "title": 'A "quoted" title \\ with a tab\t and a line\nbreak',
    "model": {"checkpoint": "last.pth", "architecture": "", "weights": "auto"},
    "classes": {"names": "C:\\classes.json", "old": None},
    "data": {"validation": "val.csv"},
    "preprocessing": {"input_size": [28, 28], "mean": [0.5], "std": [0.25], "channels": "gray", "exif": False},
    "training": {"log": None},
}


def test_what_is_written_is_what_was_checked(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    spec = write_investigation(CONTENT, path)
    assert load_investigation(path) == spec
    assert spec.title == CONTENT["title"]
    assert spec.preprocessing.input_size == (28, 28)
    assert spec.model.architecture is None
    assert spec.training is None
    assert [file.name for file in tmp_path.iterdir()] == ["new.toml"]


def test_a_dumped_investigation_can_be_written_again(tmp_path: Path) -> None:
    spec = write_investigation(CONTENT, tmp_path / "first.toml")
    again = write_investigation(dump_investigation(spec), tmp_path / "first.toml")
    assert again == spec


def test_wrong_values_leave_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    write_investigation(CONTENT, path)
    before = path.read_bytes()
    with pytest.raises(SpecError, match=r"unknown key 'inference\.sead'"):
        write_investigation({**CONTENT, "inference": {"sead": 1}}, path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_investigation(CONTENT, tmp_path / "none" / "new.toml")


def test_a_name_that_is_no_text_is_told() -> None:
    with pytest.raises(SpecError, match="no UTF-8 text"):
        toml_text({"title": "photo\udcff"})
    with pytest.raises(SpecError, match="no form in TOML"):
        toml_text({"title": object()})


_text = st.text(st.characters(codec="utf-8"))
_plain = st.one_of(_text, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
_values = st.one_of(_plain, st.lists(_plain, max_size=4))


@given(content=st.dictionaries(_text, st.one_of(_values, st.dictionaries(_text, _values, max_size=4)), max_size=4))
def test_any_values_read_back_the_same(content: dict[str, object]) -> None:
    assert tomllib.loads(toml_text(content)) == content
