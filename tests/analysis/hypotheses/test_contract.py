"""What every hypothesis has to have, so that one file and its test are all it takes to add one."""

import inspect
from pathlib import Path

import pytest

from analysis.diagnosis.hypothesis import Lane
from analysis.diagnosis.inputs import INPUTS
from analysis.hypotheses import all_hypotheses

ROOT = Path(__file__).parents[3]
KINDS = {Lane.GAIN: {"exact", "fit", "rerun"}, Lane.BOUND: {"bound"}, Lane.VALIDITY: {"none"}, Lane.NOTE: {"none"}}


@pytest.mark.parametrize("hypothesis", all_hypotheses(), ids=lambda h: h.id)
def test_every_hypothesis_is_named_sourced_and_tested(hypothesis):
    file = Path(inspect.getfile(hypothesis.measure))
    twin = ROOT / "tests" / file.relative_to(ROOT).with_name(f"test_{file.name}")
    tests = twin.read_text()
    assert hypothesis.id == file.stem
    assert hypothesis.chapter == file.parent.name
    assert all([hypothesis.title, hypothesis.claim, hypothesis.fix, hypothesis.source])
    assert {code for need in hypothesis.needs for code in need.split("|")} <= set(INPUTS)
    assert hypothesis.gain_kind in KINDS[hypothesis.lane]
    assert (hypothesis.what_if is not None) == (hypothesis.lane is Lane.GAIN)
    assert "def test_planted_fault" in tests
    assert "def test_healthy_run" in tests


def test_ids_and_titles_are_unique():
    assert len({h.id for h in all_hypotheses()}) == len({h.title for h in all_hypotheses()}) == len(all_hypotheses())
