"""Pictures are normalised otherwise than the network was trained with: mean, std, range, or twice."""

from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, measured
from analysis.diagnosis.view import View

_LEAST = 0.02
_TOPIC = Topic(
    axis="normalization",
    fault="The pictures are normalised otherwise than the network was trained with; it fits: {label}.",
    others="other normalizations",
    none="No other normalization was left to try.",
)


def what_if(view: View) -> Repair | None:
    """The confirmed normalization that serves this half best."""
    return best_rerun(view, "normalization")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) of all samples with the other normalization, against the run's own."""
    assert outcome is not None
    return measured(view, outcome, _TOPIC, _LEAST)


HYPOTHESIS = Hypothesis(
    id="preproc_normalization",
    title="Pictures are normalised wrongly",
    chapter="preprocessing",
    claim="mean, standard deviation or value range of the pictures are not those the network was trained with",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=100,
    explains=("bn_stats_stale", "logit_group_bias", "logit_scale_mismatch", "class_prior_bias"),
    pairs=True,
    look_alikes=("bn_stats_stale", "preproc_channel_order", "backbone_forgetting"),
    fix="Set mean and std in [preprocessing], and in every other place that feeds this network, as shown. The "
    "checkpoint stays as it is.",
    source="re-run with one setting changed; exact McNemar on held-out halves",
)
