"""Two sets of weights in one checkpoint: the better one is named."""

import json

import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.checkpoint.ema_raw_mismatch import HYPOTHESIS
from analysis.runs import layout
from analysis.runs.run import Run
from tests.planted_network import plant_probes
from tests.planted_reruns import pair_of_runs, plant_rerun

AXIS = "weight_set"


def with_sets(run, *sets):
    file = run.path / layout.META
    meta = json.loads(file.read_text()) | {"model": {"weights": "ema", "weight_sets": list(sets)}}
    file.write_text(json.dumps(meta))
    return plant_probes(Run.open(run.path))


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_is_supported_with_what_the_other_set_reaches(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    run = with_sets(plant_rerun(bad, good, axis=AXIS, label="weight set 'model' instead of 'ema'"), "model", "ema")
    finding = found(run)
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert 'weights = "model"' in finding.snippet


def test_healthy_run_used_the_better_set(tmp_path):
    bad, good = pair_of_runs(tmp_path)
    finding = found(with_sets(plant_rerun(good, bad, axis=AXIS), "model", "ema"))
    assert finding.verdict == "refuted"
    assert '"ema", is the better one' in finding.summary


def test_one_set_is_not_testable_and_few_samples_are_undecided(tmp_path):
    bad, good = pair_of_runs(tmp_path, per_class=6)
    assert found(with_sets(bad, "model")).verdict == "not_testable"
    assert found(with_sets(plant_rerun(bad, good, axis=AXIS), "model", "ema")).verdict == "inconclusive"
