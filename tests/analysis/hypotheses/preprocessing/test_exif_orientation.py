"""Ignored orientation tags: proved on the tagged files; no tags, or too few to matter, is no fault."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.hypotheses.preprocessing.exif_orientation import HYPOTHESIS
from tests.planted_reruns import plant_orientations, plant_rerun
from tests.planting import make_run


def lying_run(tmp_path, share):
    """Some files lie on their side: their answers are those of a run that sees little."""
    good = make_run(tmp_path / "good", thumbnails=False).run
    run = make_run(tmp_path / "run", noise=2.5, thumbnails=False).run
    tagged = np.sort(np.random.default_rng(0).permutation(len(run))[: round(share * len(run))])
    upright = np.setdiff1d(np.arange(len(run)), tagged)
    import pandas as pd

    from analysis.runs import layout
    from analysis.runs.atomic import write_table
    from analysis.runs.run import Run

    table = pd.read_parquet(run.path / layout.SAMPLES)
    table.iloc[upright] = pd.read_parquet(good.path / layout.SAMPLES).iloc[upright]
    write_table(run.path / layout.SAMPLES, table)
    run = plant_orientations(Run.open(run.path), tagged)
    return plant_rerun(run, good, axis="exif", only=tagged, label="orientation tags applied",
                       settings={"exif": True}), good, tagged  # fmt: skip


def test_planted_fault_is_supported_and_the_gain_is_that_of_turning_them(tmp_path):
    run, good, tagged = lying_run(tmp_path, 0.15)
    diagnosis = diagnose(run, hypotheses=[HYPOTHESIS])
    finding = diagnosis.findings[0]
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())
    assert finding.snippet == "[preprocessing]\nexif = true"
    assert set(diagnosis.evidence["exif_orientation"]["sample_id"]) == set(tagged)


def test_healthy_run_without_tags_or_with_few_is_refuted(tmp_path):
    good = make_run(tmp_path / "good", thumbnails=False).run
    for name, tagged in (("none", np.zeros(0, dtype=np.int64)), ("few", np.arange(3))):
        run = plant_orientations(plant_rerun(good, good, axis="channels", variant=name), tagged)
        assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict == "refuted"


def test_without_reruns_not_testable_and_without_a_look_at_tags_undecided(tmp_path):
    run = make_run(tmp_path / "good", thumbnails=False).run
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict == "not_testable"
    run = plant_rerun(run, run, axis="channels")
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict == "inconclusive"
