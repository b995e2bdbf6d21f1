"""What a link says of its run."""

import pytest

from analysis.runs.identity import run_identity
from analysis.runs.mark import RunMark

META = {"digests": {"checkpoint": "a", "data": "b", "classes": "c", "preprocessing": "d"}, "title": "x"}


def test_a_mark_survives_the_link() -> None:
    mark = RunMark.of(META)
    assert RunMark.parse(str(mark)) == mark
    assert mark.identity == run_identity(META)
    assert len(str(mark)) == 44


def test_it_tells_what_differs() -> None:
    other = RunMark.of({"digests": {**META["digests"], "data": "z"}})
    assert RunMark.of(META).differences(other) == ("data",)
    assert RunMark.of(META).differences(RunMark.of(META | {"title": "y"})) == ()


def test_a_run_without_digests_has_one_too() -> None:
    mark = RunMark.of({"title": "old", "created": "2020"})
    assert RunMark.parse(str(mark)) == mark
    assert mark.parts == ("none",) * 4


@pytest.mark.parametrize("text", ["", "x", "0" * 16, "<script>", f"{'0' * 16}-zzzzzz-aaaaaa-aaaaaa-aaaaaa", "٣" * 44])
def test_any_other_text_is_none(text: str) -> None:
    assert RunMark.parse(text) is None
