"""Confidence off in either direction is found, costs no answer, and is no fault of the head's groups."""

import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.finding import NO_FAULT
from analysis.diagnosis.hypothesis import Verdict
from analysis.diagnosis.inputs import missing
from analysis.hypotheses import all_hypotheses
from analysis.hypotheses.shift.miscalibration import HYPOTHESIS
from analysis.runs import layout
from tests.planting import make_run

HEALTHY = {"scale": 5.0, "noise": 1.2, "per_class": 150}  # confident as often as right


def _finding(path, **planted):
    run = make_run(path, thumbnails=False, **{**HEALTHY, **planted}).run
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def _evidence(finding):
    return {item.name: item.value for item in finding.evidence}


@pytest.mark.parametrize("factor", [5.0, 0.3])
def test_planted_fault_is_supported_and_a_temperature_undoes_it(tmp_path, factor):
    finding = _finding(tmp_path, scale=HEALTHY["scale"] * factor)
    seen = _evidence(finding)
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.gain.value == finding.gain.high == 0.0
    assert ("too sure" in finding.summary) == (factor > 1)
    assert seen["temperature with the least cross-entropy"] == pytest.approx(factor, rel=0.25)
    assert seen["calibration error with the other half's temperature"] < 0.03


def test_logits_times_five_is_nothing_else(tmp_path):
    run = make_run(tmp_path, thumbnails=False, **{**HEALTHY, "scale": 5 * HEALTHY["scale"]}).run
    diagnosis = diagnose(run, hypotheses=all_hypotheses())
    found = {finding.id for finding in diagnosis.findings if finding.verdict is Verdict.SUPPORTED}
    assert diagnosis.leading == NO_FAULT
    assert found - {"val_too_small"} == {"miscalibration"}


@pytest.mark.parametrize("seed", range(5))
def test_healthy_run_is_refuted(tmp_path, seed):
    assert _finding(tmp_path, seed=seed).verdict is Verdict.REFUTED


def test_too_few_samples_are_inconclusive(tmp_path):
    finding = _finding(tmp_path, scale=25.0, per_class=50)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "needed" in finding.summary


def test_without_samples_it_is_not_testable(tmp_path):
    run = make_run(tmp_path, thumbnails=False).run
    (run.path / layout.SAMPLES).unlink()
    assert missing(HYPOTHESIS.needs, run)[0].name == "labelled validation samples"


def test_errors_that_no_confidence_knows_of_are_no_matter_of_confidence(tmp_path):
    finding = _finding(tmp_path, scale=8.0, noise=0.6, flip=0.12)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "no temperature mends it" in finding.summary
