"""Labels outside the class list are counted, never guessed."""

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.finding import NO_FAULT
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.data.unknown_class_inputs import HYPOTHESIS
from tests.planting import make_run


def test_planted_fault_is_supported_and_names_the_labels(tmp_path):
    diagnosis = diagnose(make_run(tmp_path, unknown_labels=7, unreadable=5).run, hypotheses=[HYPOTHESIS])
    finding = diagnosis.findings[0]

    assert finding.verdict is Verdict.SUPPORTED
    assert "7 of 807 samples" in finding.summary
    assert "stranger 0" in finding.summary
    assert diagnosis.leading == NO_FAULT


def test_healthy_run_is_refuted(tmp_path):
    assert diagnose(make_run(tmp_path).run, hypotheses=[HYPOTHESIS]).findings[0].verdict is Verdict.REFUTED
