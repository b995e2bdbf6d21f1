"""Forgetting: a probe on the new features against one on the old features, on the same halves."""

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.backbone.backbone_forgetting import HYPOTHESIS
from analysis.hypotheses.backbone.bn_stats_stale import HYPOTHESIS as STATISTICS
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_table
from analysis.runs.run import Run
from tests.planted_network import plant_layers, plant_probes
from tests.planted_reruns import pair_of_runs, plant_rerun
from tests.planted_weights import related, tensor_row
from tests.planting import make_run


def found(run):
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def with_old_features(bad, good):
    """The old model saw the pictures as the good run did."""
    for name in (layout.SAMPLES, layout.HEAD, layout.EMBEDDINGS):
        target = bad.path / layout.BASELINE / name
        target.write_bytes((good.path / layout.BASELINE / name).read_bytes())
    return Run.open(bad.path)


def forgotten(tmp_path, **planted):
    bad, good = pair_of_runs(tmp_path, baseline=True, **planted)
    return with_old_features(bad, good), good


def test_planted_fault_is_supported_as_at_most(tmp_path):
    bad, _ = forgotten(tmp_path)
    write_table(
        bad.path / layout.WEIGHTS, pd.DataFrame([related("block1.weight"), related("block2.weight", change=0.9)])
    )
    diagnosis = diagnose(Run.open(bad.path), hypotheses=[HYPOTHESIS])
    finding = diagnosis.findings[0]
    assert (finding.verdict, finding.lane) == ("supported", "bound")
    rows = bad.baseline_rows
    lost = bad.baseline.column("correct").mean() - bad.column("correct")[rows].mean()
    assert finding.gain.value == pytest.approx(lost * len(rows) / len(bad))
    assert "block2.weight" in finding.summary
    assert list(diagnosis.tables["backbone_forgetting"]["layers"]["drift"]) == pytest.approx([0.04, 0.81])


def test_a_backbone_whose_weights_are_the_old_ones_forgot_nothing(tmp_path):
    """Statistics of BatchNorm that moved spoil the features as well; a halfway network estimates them anew."""
    bad, good = forgotten(tmp_path)
    write_table(
        bad.path / layout.WEIGHTS,
        pd.DataFrame([tensor_row("block1.weight", status="identical", cosine=1.0, change=0.0)]),
    )
    run = plant_rerun(Run.open(bad.path), good, axis="interpolation", settings={"network": {"alpha": 0.5}})
    finding = found(run)
    assert finding.verdict == "refuted"
    assert "Every weight of the backbone is the old model's" in finding.summary


def test_weights_on_the_way_back_that_help_are_the_repair(tmp_path):
    bad, good = forgotten(tmp_path)
    run = plant_rerun(bad, good, axis="interpolation", settings={"network": {"axis": "interpolation", "alpha": 0.25}})
    finding = found(run)
    assert (finding.verdict, finding.lane) == ("supported", "gain")
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert "tensor.float(), 0.25)" in finding.snippet


@pytest.mark.parametrize(("noise", "first"), [(1.6, "backbone_forgetting"), (0.9, "bn_stats_stale")])
def test_it_goes_before_statistics_that_mend_a_part_of_it(tmp_path, noise, first):
    """Forgotten features answer a little better under statistics of these pictures; healthy ones nearly as before."""
    bad, _ = forgotten(tmp_path)
    anew = make_run(tmp_path / "anew", per_class=80, noise=noise, thumbnails=False).run
    run = plant_rerun(bad, anew, axis="batch_norm", settings={"network": {}}, embeddings=True)
    run = plant_layers(run, var_distance=2.0)
    diagnosis = diagnose(run, hypotheses=[HYPOTHESIS, STATISTICS])
    supported = [f.id for f in diagnosis.findings if f.verdict == "supported"]
    assert "bn_stats_stale" in supported
    assert supported[0] == diagnosis.leading == first


def test_healthy_run_is_refuted(tmp_path):
    run = make_run(tmp_path / "run", baseline=True, thumbnails=False).run
    finding = found(run)
    assert finding.verdict == "refuted"
    assert "still tell the old classes apart" in finding.summary


def test_a_bias_that_hides_the_old_classes_is_no_forgetting(tmp_path):
    run = make_run(tmp_path / "run", baseline=True, new_bias=60.0, thumbnails=False).run
    assert run.column("correct")[run.baseline_rows].mean() < 0.2
    assert found(run).verdict == "refuted"


def test_an_old_model_that_fails_too_blames_the_loader(tmp_path):
    bad, _ = forgotten(tmp_path)
    samples = pd.read_parquet(bad.path / layout.BASELINE / layout.SAMPLES)
    samples["correct"] = False
    write_table(bad.path / layout.BASELINE / layout.SAMPLES, samples)
    finding = found(Run.open(bad.path))
    assert finding.verdict == "inconclusive"
    assert "through the same loader" in finding.summary


def test_layers_of_chance_are_a_matter_of_loading(tmp_path):
    bad, _ = forgotten(tmp_path)
    rows = [related("block1.weight"), tensor_row("block2.weight", status="unrelated", cosine=0.01, change=1.4)]
    write_table(bad.path / layout.WEIGHTS, pd.DataFrame(rows))
    finding = found(Run.open(bad.path))
    assert finding.verdict == "inconclusive"
    assert "1 layers have nothing in common" in finding.summary


def test_without_a_baseline_it_says_what_is_missing(tmp_path):
    run = make_run(tmp_path / "run", thumbnails=False).run
    finding = found(run)
    assert finding.verdict == "not_testable"
    assert "baseline" in " ".join(finding.how_to_add)


def test_few_old_samples_are_undecided(tmp_path):
    bad, _ = forgotten(tmp_path, per_class=30)
    assert found(bad).verdict == "inconclusive"


def test_features_of_another_width_are_compared_too(tmp_path):
    run = make_run(tmp_path / "run", baseline=True, thumbnails=False).run
    before = np.asarray(run.baseline.embeddings)
    write_array(run.path / layout.BASELINE / layout.EMBEDDINGS, np.hstack([before, before]))
    assert found(plant_probes(Run.open(run.path))).verdict == "refuted"
