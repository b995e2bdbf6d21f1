"""The network is in training mode while it is evaluated: an answer depends on the other pictures of its batch."""

from dataclasses import replace

from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.network_evidence import NOISE, changed_before, evidence_of, number, probes_of
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, chosen_variant, measured
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.verdicts import is_material
from analysis.diagnosis.view import View

_TOPIC = Topic(
    axis="evaluation",
    fault="The network is evaluated in training mode: BatchNorm normalises every picture by its batch, so the order "
    "and the company of the pictures decide.",
    others="ways of forcing evaluation mode",
    none="Evaluation mode was not forced.",
)


def what_if(view: View) -> Repair | None:
    """Evaluation mode, forced from outside."""
    return best_rerun(view, "evaluation")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Largest change of a logit when the same pictures come in other batches, in standard deviations of the logits."""
    assert outcome is not None
    probes = probes_of(view)
    moved = number(probes, "composition_difference")
    found = replace(
        measured(view, outcome, _TOPIC, 0.005),
        evidence=(
            *evidence_of(probes, "composition_difference", "largest change of a logit in other batches",
                         "standard deviations", NOISE),
            *measured(view, outcome, _TOPIC, 0.005).evidence,
        ),
    )  # fmt: skip
    if moved is None:
        return replace(found, abstain=f"the probe could not be made: {probes.get('failed') or 'it was left out'}")
    if changed_before(view, "evaluation"):
        return replace(found, ceiling=0.0, denial="Evaluation mode is already forced in the answers judged here.")
    if moved <= NOISE:
        return replace(found, ceiling=0.0, abstain=None, denial=_same(probes["pictures"], moved))
    gains = chosen_variant(outcome) is not None and is_material(outcome.score.change, float(outcome.before.mean()))
    if gains:
        return found
    harmless = (
        f"Answers depend on the other pictures of the batch: in other batches a logit changes by up to {moved:.2g} "
        f"standard deviations, so the network is not in evaluation mode. Here this costs no accuracy that can be told "
        "from chance, but another order of the pictures would give other numbers."
    )
    return replace(found, summary=harmless, abstain=None, effect=Interval.exactly(moved), lane=Lane.VALIDITY)


def _same(pictures: int, moved: float) -> str:
    return (
        f"The network is in evaluation mode: {pictures:,} pictures in two different batches got the same answers "
        f"(largest change {moved:.1g} standard deviations of the logits)."
    )


HYPOTHESIS = Hypothesis(
    id="bn_train_mode_eval",
    title="Evaluated in training mode",
    chapter="backbone",
    claim="the network stays in training mode, so BatchNorm uses the statistics of each batch",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=NOISE,
    n_min=32,
    explains=("stochastic_inference", "bn_stats_stale", "logit_group_bias", "logit_scale_mismatch"),
    pairs=True,
    look_alikes=("stochastic_inference", "bn_stats_stale", "backbone_forgetting"),
    fix="Call `model.eval()` after loading and before validating, do not override `eval()` or `train()`, give "
    "BatchNorm `track_running_stats=True`, and export TorchScript in evaluation mode.",
    source="the same pictures in two batches, float32, nothing drawn at random; exact",
)
