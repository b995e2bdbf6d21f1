"""Data as text: no character of a name is markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.widgets.text import count, escape_markdown, percent, with_code

JOINER = "\u2060"  # invisible, put into addresses
_SPECIAL = "\\`*_{}[]()<>#+-.!|~:$&\"'=^@"


@given(st.text(max_size=60))
def test_every_character_with_a_meaning_is_escaped(text: str) -> None:
    escaped = escape_markdown(text)
    bare = re.sub(r"\\.", "", escaped)
    assert not set(bare) & set(_SPECIAL)
    assert "\n" not in escaped
    shown = re.sub(r"\\(.)", r"\1", escaped)
    one_line = " ".join(part for part in re.split(r"[^\S\xa0]+", text) if part)
    assert shown.replace(JOINER, "") == one_line.strip().replace(JOINER, "")


def test_an_unbroken_space_stays_so_that_a_number_keeps_its_unit() -> None:
    assert escape_markdown("is  59\n\N{NO-BREAK SPACE}%") == "is 59 \N{NO-BREAK SPACE}%"


def test_names_between_backticks_become_code_and_nothing_else_does() -> None:
    assert with_code("Give `old` in [classes]") == "Give `old` in \\[classes\\]"
    assert with_code("a `lone *tick*") == "a \\`lone \\*tick\\*"


@pytest.mark.parametrize("address", ["http://z.invalid/x", "ftp://z", "www.z.invalid", "WWW.z.invalid", "me@z.invalid"])
def test_addresses_are_broken_up_so_that_they_become_no_links(address: str) -> None:
    assert JOINER in escape_markdown(address)
    assert re.search(r"(://|www|@)" + JOINER, escape_markdown(address).replace("\\", ""), re.IGNORECASE)


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (float("nan"), "–"), (0.5904, "59.0 %"), (1, "100.0 %")])
def test_percent(value: float | None, shown: str) -> None:
    assert percent(value) == shown


def test_count() -> None:
    assert (count(1, "sample"), count(12000, "sample"), count(2, "class", "classes")) == (
        "1 sample",
        "12,000 samples",
        "2 classes",
    )
