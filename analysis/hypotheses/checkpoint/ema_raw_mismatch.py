"""The checkpoint holds two sets of weights, and the worse one was evaluated."""

from dataclasses import replace

from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.network_evidence import checkpoint_name
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, chosen_variant, measured
from analysis.diagnosis.view import View

_LEAST = 0.01
_TOPIC = Topic(
    axis="weight_set",
    fault="The checkpoint holds several sets of weights, and another one does better ({label}).",
    others="other sets of weights",
    none="The other set of weights was not asked.",
)


def what_if(view: View) -> Repair | None:
    """The answers of the other set that serves this half best."""
    return best_rerun(view, "weight_set")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) of the checkpoint's other weights."""
    assert outcome is not None
    model = view.run.meta.get("model") or {}
    sets = [str(name) for name in model.get("weight_sets") or ()]
    used = str(model.get("weights") or "model")
    found = measured(view, outcome, _TOPIC, _LEAST)
    count = Evidence(name="sets of weights in the checkpoint", value=float(len(sets)), unit="count", n=len(sets))
    chosen = chosen_variant(outcome)
    return replace(
        found,
        evidence=(count, *found.evidence),
        denial=f'The set that was evaluated, "{used}", is the better one. {found.denial}',
        snippet=_snippet(view, [name for name in sets if name != used]) if chosen else None,
    )


def _snippet(view: View, others: list[str]) -> str:
    other = others[0] if others else "model"
    key = "model_ema" if other == "ema" else other
    return f"""# investigation.toml
[model]
checkpoint = "{checkpoint_name(view.run)}"
weights = "{other}"

# in Python: torch.load("{checkpoint_name(view.run)}", weights_only=True)["{key}"]"""


HYPOTHESIS = Hypothesis(
    id="ema_raw_mismatch",
    title="The wrong set of weights was evaluated",
    chapter="checkpoint",
    claim="the checkpoint holds plain and averaged weights, and the worse of the two was evaluated",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "weight_sets", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=100,
    explains=("new_head_untrained", "bn_stats_stale", "index_map_scrambled", "index_offset", "index_sort_order",
              "logit_group_bias", "logit_scale_mismatch", "class_prior_bias", "head_backbone_mismatch"),
    pairs=True,
    look_alikes=("new_head_untrained", "bn_stats_stale"),
    fix="Evaluate and ship the other set. An average with decay d still holds d^T of the initial weights after T "
    "steps (0.9999: 61 % after 5,000), and its BatchNorm statistics have to be estimated anew.",
    source="both sets asked about the same pictures; Izmailov et al. 2018 (arXiv 1803.05407) for BatchNorm",
)  # fmt: skip
