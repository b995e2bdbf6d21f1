"""Weights were frozen, but BatchNorm's statistics went on moving."""

from dataclasses import replace

import pandas as pd

from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.network_evidence import changed_before, checkpoint_name, new_name, was_asked
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, chosen_variant, measured
from analysis.diagnosis.view import View

_LEAST = 0.01
_STATISTICS = ("running_mean", "running_var")
_TOPIC = Topic(
    axis="old_buffers",
    fault="All weights below the head are the old model's to the last bit, but BatchNorm's statistics are not: they "
    "went on moving in training. With the old statistics put back:",
    others="older statistics",
    none="The old statistics were not put back.",
)

_NOT_ASKED = "the statistics moved, but what the old ones would give was not asked; run again with the pictures at hand"


def what_if(view: View) -> Repair | None:
    """The answers with the old model's statistics."""
    return best_rerun(view, "old_buffers")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Weights and statistics against the old model's; accuracy (fraction) with its statistics put back."""
    assert outcome is not None
    weights = view.run.weights
    assert weights is not None
    body = weights[~weights["is_head"].astype(bool) & weights["status"].notna()]
    statistics = body[body["kind"].isin(_STATISTICS)]
    learnt = body[~body["kind"].isin((*_STATISTICS, "batches_tracked"))]
    moved = statistics[statistics["change"] > 0]
    changed = int((learnt["status"] != "identical").sum())
    found = measured(view, outcome, _TOPIC, _LEAST)
    found = replace(
        found,
        evidence=(*_evidence(learnt, changed, statistics, moved), *found.evidence),
        tables={**found.tables, "layers": _table(statistics)} if len(statistics) else found.tables,
        snippet=_snippet(view) if chosen_variant(outcome) else None,
    )
    if learnt.empty:
        return replace(found, abstain="no tensor of the old model could be compared")
    if changed or moved.empty:
        return replace(found, ceiling=0.0, denial=_denial(len(learnt), changed, len(statistics), len(moved)))
    if chosen_variant(outcome):
        return found
    settled = was_asked(view, "old_buffers") or changed_before(view, "old_buffers")
    return replace(found, ceiling=0.0 if settled else None, abstain=None if settled else found.abstain or _NOT_ASKED)


def _denial(learnt: int, changed: int, statistics: int, moved: int) -> str:
    if not statistics:
        return "The network has no BatchNorm statistics."
    if changed:
        return f"The weights were not frozen: {changed:,} of {learnt:,} tensors below the head are not the old model's."
    return f"None of {statistics:,} BatchNorm statistics differs from the old model's."


def _evidence(
    learnt: pd.DataFrame, changed: int, statistics: pd.DataFrame, moved: pd.DataFrame
) -> tuple[Evidence, ...]:
    return (
        Evidence(name="weights below the head that changed", value=float(changed), unit="count", n=len(learnt)),
        Evidence(
            name="BatchNorm statistics that changed", value=float(len(moved)), unit="count", n=len(statistics),
            threshold=1,
        ),
    )  # fmt: skip


def _table(statistics: pd.DataFrame) -> pd.DataFrame:
    table = statistics[["position", "name", "kind", "change", "cosine"]].reset_index(drop=True)
    return table.rename(columns={"name": "layer"})


def _snippet(view: View) -> str:
    return f"""new = torch.load("{checkpoint_name(view.run)}", weights_only=True)
old = torch.load("{checkpoint_name(view.run, "baseline")}", weights_only=True)
new, old = new.get("state_dict", new), old.get("state_dict", old)
for name in new:
    if name.endswith(("running_mean", "running_var", "num_batches_tracked")):
        new[name] = old[name]
torch.save(new, "{new_name(view.run, "old_batchnorm")}")"""


HYPOTHESIS = Hypothesis(
    id="frozen_bn_drift",
    title="Frozen layers, moving BatchNorm",
    chapter="backbone",
    claim="the layers were frozen, but BatchNorm's statistics went on moving",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "weights", "baseline", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=100,
    explains=("bn_stats_stale", "logit_group_bias", "logit_scale_mismatch", "class_prior_bias"),
    pairs=True,
    look_alikes=("bn_stats_stale", "backbone_forgetting"),
    fix="Put the old statistics back, and keep frozen BatchNorm layers in evaluation mode while training: "
    "`requires_grad = False` does not stop them, `layer.eval()` does.",
    source="tensors compared with the old model's; exact. Re-run with its statistics",
)
