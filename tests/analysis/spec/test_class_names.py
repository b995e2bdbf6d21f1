"""Spellings that are one name, names that are two."""

import pytest

from analysis.spec.class_names import canonical_name, name_without_number, natural_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rosa canina", "rosa_canina"),
        (" Rosa  canina ", "ROSA-CANINA"),
        ("Café", "Cafe\u0301"),
        ("Quercus × hispanica", "Quercus x hispanica"),
        ("Quercus ×hispanica", "quercus hispanica"),
        ("Straße", "strasse"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert canonical_name(one) == canonical_name(other)


@pytest.mark.parametrize(("one", "other"), [("-1", "1"), ("C", "C++"), ("a2", "a_2"), ("x", "×"), ("e", "é")])
def test_names_that_differ(one, other):
    assert canonical_name(one) != canonical_name(other)


@pytest.mark.parametrize("name", ["Rosa_2", "Rosa-3", "rosa (2)"])
def test_numbered_twins(name):
    assert name_without_number(name) == "rosa"


@pytest.mark.parametrize("name", ["Rosa", "7", "class 001", "1999", "_2"])
def test_numbers_that_are_part_of_the_name(name):
    assert name_without_number(name) is None


def test_numbers_sort_as_numbers():
    assert sorted(["a10", "a2", "2", "10", "b"], key=natural_key) == ["2", "10", "a2", "a10", "b"]
