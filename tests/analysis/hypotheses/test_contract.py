"""What every hypothesis has to have, so that one file and its test are all it takes to add one."""

import inspect
from pathlib import Path

import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.diagnosis.inputs import INPUTS
from analysis.hypotheses import all_hypotheses
from analysis.runs import layout
from analysis.runs.run import Run
from tests.planting import make_run

ROOT = Path(__file__).parents[3]
EXACT = {  # names, weights and counts: six samples are as good as six thousand
    "class_name_variants", "head_rows_degenerate", "head_size_mismatch", "unknown_class_inputs", "val_too_small",
}  # fmt: skip
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


@pytest.mark.parametrize("hypothesis", all_hypotheses(), ids=lambda h: h.id)
def test_without_its_inputs_it_says_what_is_missing_and_where_to_add_it(tmp_path, hypothesis):
    run = make_run(tmp_path, embeddings=False, head=False, old=None).run
    (tmp_path / layout.SAMPLES).unlink()
    (finding,) = diagnose(Run.open(run.path), hypotheses=[hypothesis]).findings
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert all(need in finding.summary for need in finding.needs)
    assert len(finding.needs) > 0
    assert len(finding.how_to_add) > 0


def test_six_samples_decide_only_what_is_exact(tmp_path):
    run = make_run(tmp_path, classes=2, per_class=3, metadata={"camera": ["a", "b"] * 3}).run
    decided = {Verdict.SUPPORTED, Verdict.REFUTED}
    assert {f.id for f in diagnose(run, hypotheses=all_hypotheses()).findings if f.verdict in decided} == EXACT
