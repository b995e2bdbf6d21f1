"""Pictures reach the network at another size, cropped or interpolated otherwise than in training."""

from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun, gain_of
from analysis.diagnosis.rerun_measurement import Topic, measured, worth_of
from analysis.diagnosis.view import View

_LEAST = 0.02
_TOPIC = Topic(
    axis="geometry",
    fault="The pictures are resized or cropped otherwise than the network was trained with; it fits: {label}.",
    others="other sizes, crops and interpolations",
    none="No other size, crop or interpolation could be tried.",
)


def what_if(view: View) -> Repair | None:
    """The confirmed geometry that serves this half best, unless what it gains is what tuning gains."""
    repair = best_rerun(view, "geometry")
    if repair is None or gain_of(view, repair) < worth_of(view, repair.source):
        return None
    return repair


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) of all samples with the other geometry, against the run's own."""
    assert outcome is not None
    return measured(view, outcome, _TOPIC, _LEAST)


HYPOTHESIS = Hypothesis(
    id="preproc_geometry",
    title="Pictures are resized or cropped wrongly",
    chapter="preprocessing",
    claim="size, crop or interpolation of the pictures are not those the network was trained with",
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
    look_alikes=("source_domain_shift", "fine_grained_confusion", "backbone_forgetting"),
    fix="Set size, resize, crop_pct and interpolation in [preprocessing], and in every other place that feeds this "
    "network, as shown. The checkpoint stays as it is.",
    source="re-run with one setting changed; exact McNemar on held-out halves",
)
