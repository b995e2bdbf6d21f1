"""Red and blue are swapped on the way to the network, or colour is missing."""

from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, measured
from analysis.diagnosis.view import View

_LEAST = 0.02
_TOPIC = Topic(
    axis="channels",
    fault="The network gets the colours in another order than it was trained with; it fits: {label}.",
    others="other channel orders",
    none="The network takes one channel, so there is no order to get wrong.",
)


def what_if(view: View) -> Repair | None:
    """The confirmed channel order that serves this half best."""
    return best_rerun(view, "channels")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) of all samples with the other channel order, against the run's own."""
    assert outcome is not None
    return measured(view, outcome, _TOPIC, _LEAST)


HYPOTHESIS = Hypothesis(
    id="preproc_channel_order",
    title="Red and blue are swapped",
    chapter="preprocessing",
    claim="the channels reach the network in another order than it was trained with (RGB against BGR)",
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
    look_alikes=("preproc_normalization", "bn_stats_stale", "source_domain_shift"),
    fix="Set channels in [preprocessing], and convert pictures that OpenCV read with cv2.cvtColor(picture, "
    "cv2.COLOR_BGR2RGB). The checkpoint stays as it is.",
    source="re-run with one setting changed; exact McNemar on held-out halves",
)
