"""Layers that hold random numbers among layers that do not, told with and without a baseline."""

import pandas as pd
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.hypotheses.checkpoint.checkpoint_load_partial import HYPOTHESIS
from tests.planted_weights import related, tensor_row
from tests.planting import make_run

FOREIGN = {"status": "unrelated", "cosine": 0.01, "change": 1.4, "scale": 0.01, "residual": 1.4}
LAW = "normal √(2/inputs) (He)"


def healthy(count=8):
    return [related(f"layer{index}.weight") for index in range(count)]


def _run(path, rows, **planted):
    weights = pd.DataFrame(rows).astype({"init_law": "string", "status": "string"})
    made = make_run(path, thumbnails=False, weights=weights, **{"per_class": 20, **planted})
    return diagnose(made.run, hypotheses=[HYPOTHESIS]).findings[0]


@pytest.mark.parametrize(
    "lost",
    [FOREIGN, FOREIGN | {"init_law": LAW}, {"status": "missing", "init_law": LAW}],
    ids=["foreign", "both", "new"],
)
def test_planted_fault_is_supported_by_the_baseline_or_the_layers_alone(tmp_path, lost):
    finding = _run(tmp_path, [*healthy(), tensor_row("late.weight", **lost)], noise=6.0, baseline=True)
    assert finding.verdict is Verdict.SUPPORTED
    assert "1 of 9 layers were never loaded: late.weight" in finding.summary


def test_without_a_baseline_a_layer_as_drawn_is_supported(tmp_path):
    rows = [tensor_row(f"layer{index}.weight") for index in range(8)]
    finding = _run(tmp_path, [*rows, tensor_row("late.weight", init_law=LAW)], noise=6.0)
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.BOUND)
    assert finding.gain.low == 0


def test_where_the_old_model_does_no_better_it_is_noted_only(tmp_path):
    finding = _run(tmp_path, [*healthy(), tensor_row("late.weight", **FOREIGN)], baseline=True)
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.NOTE)


@pytest.mark.parametrize(
    "rows",
    [
        healthy(),
        [tensor_row(f"layer{index}.weight") for index in range(8)],
        [tensor_row(f"layer{index}.weight", **FOREIGN) for index in range(8)],
        [*healthy(), related("far.weight", status="unrelated", cosine=0.3)],
        [*healthy(), tensor_row("small.weight", decisive=False, numel=900, **FOREIGN)],
        [*healthy(), tensor_row("fc.weight", is_head=True, **FOREIGN)],
        [*healthy(), tensor_row("aux1.fc.weight", init_law=LAW)],
        [*healthy(), related("frozen.weight", status="identical", init_law=LAW)],
    ],
    ids=["tuned", "no baseline", "other network", "far", "small", "head", "auxiliary", "frozen as it was"],
)
def test_healthy_run_and_everything_else_is_refuted(tmp_path, rows):
    assert _run(tmp_path, rows).verdict is Verdict.REFUTED


def test_small_layers_leave_it_open(tmp_path):
    finding = _run(tmp_path, [tensor_row("small.weight", decisive=False, numel=12, init_law=None)])
    assert finding.verdict is Verdict.INCONCLUSIVE


def test_without_tensors_it_is_not_testable(tmp_path):
    made = make_run(tmp_path, thumbnails=False, per_class=5)
    finding = diagnose(made.run, hypotheses=[HYPOTHESIS]).findings[0]
    assert finding.needs == ("the network's tensors",)
