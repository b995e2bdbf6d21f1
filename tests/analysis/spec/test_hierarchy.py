"""Hierarchies: two formats, levels, and everything that can be wrong with a file."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import ClassListError
from analysis.spec.hierarchy import hierarchy_notices, levels_of, read_hierarchy

TREE = {"cat": "mammal", "dog": "mammal", "hen": "bird", "mammal": "animal", "bird": "animal"}


def _file(tmp_path: Path, text: str, name: str = "tree.csv") -> Path:
    (tmp_path / name).write_text(text, "utf-8")
    return tmp_path / name


def test_both_formats_say_the_same(tmp_path: Path) -> None:
    rows = "".join(f'"{child}",{parent}\n' for child, parent in TREE.items())
    assert read_hierarchy(_file(tmp_path, "class,parent\n" + rows)) == TREE
    assert read_hierarchy(_file(tmp_path, "\ufeffgroup, Name \r\nmammal,cat\r\n")) == {"cat": "mammal"}
    assert read_hierarchy(_file(tmp_path, json.dumps(TREE), "tree.json")) == TREE


def test_levels_from_the_class_upward() -> None:
    assert levels_of(TREE, ["cat", "hen", "rock"]) == (("mammal", "bird", None), ("animal", "animal", None))
    assert levels_of(TREE, ["rock"]) == ()
    assert levels_of({}, ["cat"]) == ()


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef"), max_size=6))
def test_any_mapping_is_a_tree_or_a_circle(tmp_path_factory: pytest.TempPathFactory, edges: dict[str, str]) -> None:
    path = _file(tmp_path_factory.mktemp("tree"), json.dumps(edges), "tree.json")
    starts = [(name, [name]) for name in edges]
    circular = any(_comes_back(edges, name) for name, _ in starts)
    if circular or not edges:
        with pytest.raises(ClassListError, match=r"circle|empty"):
            read_hierarchy(path)
    else:
        assert read_hierarchy(path) == edges
        assert len(levels_of(edges, list("abcdef"))) <= 6


def _comes_back(edges: dict[str, str], start: str) -> bool:
    name = edges.get(start)
    for _ in range(7):
        if name == start:
            return True
        name = edges.get(name or "")
    return False


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", "tree.csv", "needs the columns 'class' and 'parent'"),
        ("class,parent\n", "tree.csv", "is empty"),
        ("cat,mammal\n", "tree.csv", "found 'cat', 'mammal'"),
        ("class,parent\ncat\n", "tree.csv", "row 2"),
        ("class,parent\ncat,\n", "tree.csv", "no pair of names"),
        ("class,parent\ncat,a\ncat,b\n", "tree.csv", "several parents: cat"),
        ('class,parent\n"cat,a\n', "tree.csv", "not valid CSV"),
        ("class,parent\ncat,cat\n", "tree.csv", "circle: cat → cat"),
        ('{"a": "b", "b": "c", "c": "a"}', "tree.json", "circle: a → b → c → a"),
        ('{"a": 3}', "tree.json", "no pair of names: 'a': 3"),
        ('{"a": {"b": "c"}}', "tree.json", "no pair of names"),
        ('{"a": "b", "a": "c"}', "tree.json", "several parents: a"),
        ("[1, 2]", "tree.json", "no JSON object"),
        ("{", "tree.json", "not valid JSON"),
        (json.dumps({str(i): str(i + 1) for i in range(20)}), "tree.json", "at most 16"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, name: str, said: str) -> None:
    with pytest.raises(ClassListError, match=said):
        read_hierarchy(_file(tmp_path, text, name))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClassListError, match="does not exist"):
        read_hierarchy(tmp_path / "nothing.csv")


def test_notices_on_names_that_do_not_fit() -> None:
    assert hierarchy_notices(TREE, ["cat", "dog", "hen"]) == ()
    found = hierarchy_notices(TREE, ["cat", "rock"])
    assert found[0] == "1 of 2 classes have no parent in the hierarchy: rock."
    assert found[1] == "2 names in the hierarchy are no class: dog, hen."
    assert "None of the classes stands in the hierarchy" in hierarchy_notices(TREE, ["rock"])[0]
