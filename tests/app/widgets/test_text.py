"""Data as text: no character of a name is markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.widgets.text import count, escape_markdown, percent

_SPECIAL = "\\`*_{}[]()<>#+-.!|~:$&\"'=^@"


@given(st.text(max_size=60))
def test_every_character_with_a_meaning_is_escaped(text: str) -> None:
    escaped = escape_markdown(text)
    bare = re.sub(r"\\.", "", escaped)
    assert not set(bare) & set(_SPECIAL)
    assert "\n" not in escaped
    assert re.sub(r"\\(.)", r"\1", escaped) == " ".join(text.split())


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (float("nan"), "–"), (0.5904, "59.0 %"), (1, "100.0 %")])
def test_percent(value: float | None, shown: str) -> None:
    assert percent(value) == shown


def test_count() -> None:
    assert (count(1, "sample"), count(12000, "sample"), count(2, "class", "classes")) == (
        "1 sample",
        "12,000 samples",
        "2 classes",
    )
