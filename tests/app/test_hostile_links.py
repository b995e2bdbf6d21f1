"""Whatever a link says, a page opens: with what it can make sense of, or with words about what it cannot."""

import re
from pathlib import Path

import pytest

from tests.app.pages import open_page

pytestmark = pytest.mark.usefixtures("explored_root")

VALUES = ("", "<script>alert(1)</script>", "9" * 30, "A" * 60_000)
OBJECTS = {
    "overview": ("where",),
    "checklist": ("finding", "where"),
    "logits": ("where",),
    "classes": ("cls", "where"),
    "examples": ("cluster", "cls", "finding", "sample", "where"),
    "clusters": ("cluster", "area", "clustering", "sample", "where"),
    "slices": ("slice", "sample", "where"),
    "duplicates": ("sample", "where"),
    "find_more": ("area", "ids", "cluster", "clustering", "found", "where"),
}
PREFIXES = {
    "checklist": "chk_", "logits": "log_", "classes": "cls_", "examples": "ex_", "clusters": "clu_", "slices": "sli_",
    "duplicates": "dup_", "find_more": "more_", "runs": "runs_",
}  # fmt: skip
_SOURCE = "\n".join(file.read_text("utf-8") for file in (Path(__file__).parents[2] / "app").rglob("*.py"))


def _opens(page: str, **link: str) -> None:
    app = open_page(page, run="full", **link)
    assert not app.exception, (page, link)
    assert not any("on our side" in str(error.value) for error in app.error), (page, link)


@pytest.mark.parametrize("value", VALUES, ids=("empty", "script", "digits", "long"))
@pytest.mark.parametrize("page", sorted(PREFIXES))
def test_every_widget_of_a_page_bears_a_hostile_value(page: str, value: str) -> None:
    bound = set(re.findall(rf'"({PREFIXES[page]}[a-z_]+)"', _SOURCE))
    assert bound
    _opens(page, **dict.fromkeys(bound, value))


@pytest.mark.parametrize("value", VALUES[1:3], ids=("script", "digits"))
@pytest.mark.parametrize(("page", "name"), [(page, name) for page, names in OBJECTS.items() for name in names])
def test_every_object_of_a_link_bears_a_hostile_value(page: str, name: str, value: str) -> None:
    _opens(page, **{name: value})
