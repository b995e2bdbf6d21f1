"""Re-runs as repairs: the better setting is chosen on one half and pays on the other; partial ones claim nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Stage
from analysis.diagnosis.rerun_choice import best_rerun, screened
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as GROUP_BIAS
from analysis.runs import layout
from analysis.runs.atomic import write_arrays, write_table
from analysis.runs.run import Run
from tests.planting import make_run


def measure(view, outcome):
    return Measurement(summary="found", denial="not found", n=len(view))


HYPOTHESIS = Hypothesis(
    id="channels", title="Channels", chapter="test", claim="x", lane=Lane.GAIN, gain_kind="rerun", stage=Stage.EARLY,
    measure=measure, what_if=lambda view: best_rerun(view, "channels"), fix="", source="", min_effect=0.02, n_min=50,
    pairs=True,
)  # fmt: skip


def broken_run(tmp_path, *, new_bias=0.0, images=None, variant_helps=True):
    """A run whose features are noise in half of the dimensions; the variant has them right."""
    good = make_run(tmp_path / "good", old=0.6, new_bias=new_bias).run
    bad = make_run(tmp_path / "bad", old=0.6, new_bias=new_bias, noise=2.0 if variant_helps else 0.35).run
    assert np.array_equal(good.column("label_index"), bad.column("label_index"))
    index, logit = good.topk()
    rows = np.arange(len(good)) if images is None else np.sort(np.random.default_rng(0).permutation(len(good))[:images])
    arrays = {"rows": rows, "index": index[rows], "logit": logit[rows], "logsumexp": good.column("logsumexp")[rows]}
    write_arrays(bad.path / layout.RERUNS / "bgr.npz", arrays)
    table = pd.DataFrame({"variant": ["bgr"], "axis": ["channels"], "base": [""], "label": ["BGR order"],
                          "file": ["bgr.npz"], "is_full": [images is None], "images": [len(rows)]})  # fmt: skip
    write_table(bad.path / layout.RERUN_VARIANTS, table)
    return Run.open(bad.path), good


def test_a_confirmed_variant_is_supported_with_the_accuracy_it_really_reaches(tmp_path):
    run, good = broken_run(tmp_path)
    finding = diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]
    assert finding.verdict == "supported"
    assert finding.accuracy_if_fixed == pytest.approx(good.column("correct").mean())


def test_a_head_fault_is_found_beneath_the_variant(tmp_path):
    run, _ = broken_run(tmp_path, new_bias=6.0)
    found = diagnose(run, hypotheses=[HYPOTHESIS, GROUP_BIAS])
    assert {f.id for f in found.findings if f.verdict == "supported"} == {"channels", "logit_group_bias"}
    healthy = make_run(tmp_path / "healthy", old=0.6).run
    assert found.ladder[-2].accuracy == pytest.approx(healthy.column("correct").mean(), abs=0.02)


def test_a_variant_tried_on_some_pictures_only_is_no_repair(tmp_path):
    run, _ = broken_run(tmp_path, images=200)
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict != "supported"


def test_what_the_search_saw(tmp_path, whole_view):
    run, good = broken_run(tmp_path, images=200)
    seen = screened(whole_view(run), "channels")
    assert (seen.variant, seen.tried, seen.score.n) == ("bgr", 1, 200)
    rows = run.reruns.get("bgr").rows
    difference = good.column("correct")[rows].mean() - run.column("correct")[rows].mean()
    assert seen.score.change.value == pytest.approx(difference)
    assert screened(whole_view(run), "geometry") is None


def test_a_variant_that_changes_nothing_is_refuted(tmp_path):
    run, _ = broken_run(tmp_path, variant_helps=False)
    assert diagnose(run, hypotheses=[HYPOTHESIS]).findings[0].verdict == "refuted"


def test_the_more_specific_cause_is_preferred_where_it_gives_nearly_as_much(tmp_path):
    run, _ = broken_run(tmp_path)
    general = replace(HYPOTHESIS, id="general", gain_kind="exact")
    specific = replace(HYPOTHESIS, id="specific", gain_kind="fit", explains=("general",))
    found = diagnose(run, hypotheses=[general, specific])
    assert found.leading == "specific"
    assert {f.id: f.explained_by for f in found.findings}["general"] == "specific"
