"""Class lists: four formats, and every way to get one wrong."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import ClassListError
from analysis.spec.class_list import read_class_list

NAMES = ("barn owl", "Eule, groß", "zebra")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.json", json.dumps(NAMES)),
        ("a.json", json.dumps({"zebra": 2, "barn owl": 0, "Eule, groß": 1}, ensure_ascii=False)),
        ("a.json", json.dumps({"1": NAMES[1], "0": NAMES[0], "2": NAMES[2]})),
        ("a.txt", "\n".join(NAMES)),
        ("a.txt", "\r\n".join(NAMES) + "\r\n\r\n"),
        ("a.txt", "\ufeff" + "\n".join(NAMES)),
        ("a.json", "\ufeff" + json.dumps(NAMES)),
        ("a.txt", json.dumps(NAMES)),
    ],
)
def test_all_formats_give_the_names_in_index_order(tmp_path: Path, file: str, content: str) -> None:
    path = tmp_path / file
    path.write_bytes(content.encode())
    assert read_class_list(path) == NAMES


def test_indices_count_as_numbers_not_as_text(tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    path.write_text(json.dumps({str(index): f"class {index}" for index in reversed(range(12))}))
    assert read_class_list(path)[10] == "class 10"


def test_names_that_are_digits_are_names_where_the_values_are_indices(tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    path.write_text('{"1": 0, "0": 1}')
    assert read_class_list(path) == ("1", "0")


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\n", "is empty"),
        ("a.json", b"[]", "is empty"),
        ("a.json", b"{}", "is empty"),
        ("a.txt", b"owl\nzebra\nowl\n", "1 names more than once: 'owl'"),
        ("a.json", b'["owl", "owl"]', "'owl'"),
        ("a.json", b'{"owl": 0, "owl": 1}', "1 keys more than once: 'owl'"),
        ("a.txt", b"owl\n\nzebra", "1 empty names, at index 1"),
        ("a.json", b'["owl", " "]', "empty names, at index 1"),
        ("a.json", b'["owl", 3, null]', "2 names that are not text: 3, None"),
        ("a.json", b'{"owl": 0, "zebra": 0}', "1 indices to more than one name: 0"),
        ("a.json", b'{"owl": 0, "zebra": 2}', "missing: 1; found instead: 2"),
        ("a.json", b'{"owl": -1, "zebra": 0}', "missing: 1; found instead: -1"),
        ("a.json", b'{"owl": true, "zebra": 0}', "neither {name: index} nor {index: name}"),
        ("a.json", b'{"owl": "0", "zebra": "1"}', "neither {name: index} nor {index: name}"),
        ("a.json", b'{"0": "owl", "2": "zebra"}', "missing: 1; found instead: 2"),
        ("a.json", b'["owl"', "not valid JSON"),
        ("a.json", b"3", "expected a JSON list or object"),
        ("a.json", b"[" * 100_000, "not valid JSON"),
        ("a.txt", b"owl\n\xff\xfe", "not UTF-8 text (byte 4)"),
        ("a.txt", "owl\nzebra".encode("utf-16"), "not UTF-8 text"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(tmp_path: Path, file: str, content: bytes, expected: str) -> None:
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(ClassListError) as error:
        read_class_list(path)
    assert expected in str(error.value)
    assert str(path) in str(error.value)


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(ClassListError, match="does not exist"):
        read_class_list(tmp_path / "none.txt")
    with pytest.raises(ClassListError, match="is a directory"):
        read_class_list(tmp_path)


_name = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1).map(str.strip).filter(bool)


@given(names=st.lists(_name, min_size=1, unique=True))
def test_any_distinct_names_survive_every_json_format(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("lists") / "classes.json"
    for content in (names, {name: i for i, name in enumerate(names)}, {str(i): name for i, name in enumerate(names)}):
        path.write_text(json.dumps(content))
        assert read_class_list(path) == tuple(names)


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode), suffix=st.sampled_from([".json", ".txt"]))
def test_any_bytes_give_names_or_a_clear_error(tmp_path_factory, content: bytes, suffix: str) -> None:
    path = tmp_path_factory.mktemp("lists") / f"classes{suffix}"
    path.write_bytes(content)
    try:
        names = read_class_list(path)
    except ClassListError:
        return
    assert len(set(names)) == len(names) >= 1
    assert all(name.strip() for name in names)
