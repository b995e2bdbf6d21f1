"""What undoing a cause would do, in words."""

from typing import Any

from app.counterfactual import kind_word, sentences
from app.findings import Checklist, parse
from tests.app.checklists import faulty, finding


def _said(found: Checklist, identifier: str) -> str:
    entry = found.get(identifier)
    assert entry is not None
    return " ".join(sentences(found, entry))


def _of(**fields: Any) -> str:
    return _said(parse({"findings": [finding("x", verdict="supported", **fields)]}), "x")


def test_a_conditional_gain_names_what_is_undone_before_it_and_what_it_gives_alone() -> None:
    said = _said(parse(faulty()), "logit_group_bias")
    assert "by +20.0 points (95 % interval +16.0 to +24.0), to 72.0 %, once “Class indices are scrambled” is" in said
    assert "By itself, with nothing else undone, it would change it by +5.0 points." in said
    assert "Fitted on one half of the samples and scored on the other, and the other way round" in said


def test_a_gain_that_stands_alone_says_it_once() -> None:
    assert "By itself" not in _said(parse(faulty()), "index_map_scrambled")


def test_a_ceiling_is_never_told_as_a_measurement() -> None:
    said = _said(parse(faulty()), "label_errors")
    assert "by at most +4.0 points" in said
    assert "A ceiling" in said
    assert "Fitted" not in said


def test_every_kind_of_gain_says_how_it_is_known() -> None:
    assert "nothing is fitted" in _of(gain=0.1, gain_kind="exact")
    assert "went through the network again" in _of(gain=0.1, gain_kind="rerun")
    words = [kind_word(entry) for entry in parse(faulty()).findings[:4]]
    assert words == ["fitted", "fitted", "at most", ""]


def test_what_gives_nothing_back_says_so() -> None:
    assert "limits how far the other numbers" in _said(parse(faulty()), "val_too_small")
    assert "explains something" in _said(parse(faulty()), "failure_cluster")
    assert _of(gain=None) == ""


def test_what_was_ruled_out_is_told_as_a_possibility() -> None:
    found = parse({"findings": [finding("x", gain=0.001, gain_low=-0.002, gain_high=0.004)]})
    assert _said(found, "x") == "Undoing it would change accuracy by +0.1 points (95 % interval -0.2 to +0.4)."


def test_a_ceiling_over_what_is_not_there_is_not_told() -> None:
    assert _said(parse({"findings": [finding("x", lane="bound", gain=0.19)]}), "x") == ""
