"""BatchNorm's running statistics are not those of such pictures: never updated, reset, or from other data."""

from dataclasses import replace

import pandas as pd

from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.network_evidence import changed_before, checkpoint_name, layers_of, new_name, was_asked
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, chosen_variant, measured
from analysis.diagnosis.view import View

_LEAST = 0.02
_FAR, _FAR_MEDIAN = 1.5, 0.4  # |ln of the variances' ratio|: of one layer, of the median layer
_FAR_MEAN = 1.0  # squared distance of the means in variances
_TOPIC = Topic(
    axis="batch_norm",
    fault="The statistics that BatchNorm normalises with are not those of these pictures. Estimated anew on a few "
    "hundred of them, without any label:",
    others="ways of estimating BatchNorm's statistics anew",
    none="BatchNorm's statistics were not estimated anew.",
)


def what_if(view: View) -> Repair | None:
    """The confirmed estimate that serves this half best."""
    return best_rerun(view, "batch_norm")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) with statistics estimated anew; distance of the stored ones, layer by layer."""
    assert outcome is not None
    layers = layers_of(view)
    found = measured(view, outcome, _TOPIC, _LEAST)
    if layers.empty:
        return replace(found, ceiling=0.0, denial="The network has no BatchNorm layer that keeps statistics.")
    if changed_before(view, "weight_set", "old_buffers", "batch_norm", "interpolation"):
        return found  # what was seen of the statistics is not of these
    words, chosen, far = _words(layers), chosen_variant(outcome), _is_far(layers)
    settled = chosen is None and (not far or was_asked(view, "batch_norm"))
    return replace(
        found,
        summary=f"{found.summary} {words}",
        denial=f"{found.denial} {words}" if chosen or far else f"BatchNorm's statistics fit. {words}",
        ceiling=0.0 if settled else None,
        abstain=found.abstain or (None if settled or chosen else _open(layers)),
        evidence=(*_evidence(layers, len(view)), *found.evidence),
        tables={**found.tables, "layers": layers},
        snippet=_snippet(view) if chosen else None,
    )


def _is_far(layers: pd.DataFrame) -> bool:
    """Beyond the first layer: pictures that are prepared otherwise than in training show in the first one alone."""
    later = layers.iloc[1:] if len(layers) > 1 else layers
    broken = layers["untouched"].any() or (layers["nonfinite"] > 0).any()
    far = (later["var_distance"] > _FAR).any() or (later["mean_distance"] > _FAR_MEAN).any()
    return bool(broken or far or later["var_distance"].median() > _FAR_MEDIAN)


def _words(layers: pd.DataFrame) -> str:
    untouched, broken = int(layers["untouched"].sum()), int((layers["nonfinite"] > 0).sum())
    parts = [f"{untouched:,} of {len(layers):,} layers still hold 0 and 1, as before training"] * (untouched > 0)
    parts += [f"{broken:,} layers hold values that are no numbers"] * (broken > 0)
    typical = layers["var_distance"].median()
    parts.append(
        f"in the median layer the pictures' variance is off by a factor of {_factor(typical)} and their mean by "
        f"{layers['mean_distance'].median() ** 0.5:.2f} standard deviations"
    )
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _factor(log_ratio: float) -> str:
    return "unknown size" if pd.isna(log_ratio) else f"{2.718281828 ** min(log_ratio, 20):.2f}"


def _open(layers: pd.DataFrame) -> str:
    worst = layers["layer"].iloc[int(layers["var_distance"].fillna(-1.0).to_numpy().argmax())]
    return (
        f"the stored statistics do not fit (worst in {worst}), but no estimate was confirmed on all pictures; "
        "run again without --skip confirmation"
    )


def _evidence(layers: pd.DataFrame, samples: int) -> tuple[Evidence, ...]:
    mean, var = layers["mean_distance"], layers["var_distance"]
    return (
        Evidence(name="BatchNorm layers", value=float(len(layers)), unit="count", n=samples),
        Evidence(
            name="layers never updated (mean 0, variance 1)",
            value=float(layers["untouched"].sum()), unit="count", n=len(layers), threshold=1,
        ),
        Evidence(
            name="distance of the variances in the median layer", value=float(var.median()), unit="nats",
            n=len(layers), threshold=_FAR_MEDIAN,
        ),
        Evidence(
            name="squared distance of the means in the median layer", value=float(mean.median()), unit="variances",
            n=len(layers),
        ),
    )  # fmt: skip


def _snippet(view: View) -> str:
    return f"""checkpoint = torch.load("{checkpoint_name(view.run)}", weights_only=True)
model.load_state_dict(checkpoint.get("state_dict", checkpoint))
model.eval()
for layer in model.modules():
    if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):
        layer.reset_running_stats()
        layer.momentum = None  # cumulative average
        layer.train()  # nothing else: dropout stays off
with torch.no_grad():
    for pictures, _ in loader:  # a few hundred, shuffled, prepared as in validation; labels are not needed
        model(pictures)
torch.save(model.eval().state_dict(), "{new_name(view.run, "batchnorm")}")"""


HYPOTHESIS = Hypothesis(
    id="bn_stats_stale",
    title="BatchNorm statistics are stale",
    chapter="backbone",
    claim="BatchNorm normalises with statistics that are not those of such pictures",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=100,
    explains=("logit_group_bias", "logit_scale_mismatch", "class_prior_bias"),
    pairs=True,
    look_alikes=("preproc_normalization", "frozen_bn_drift", "bn_train_mode_eval", "backbone_forgetting"),
    fix="Estimate BatchNorm's statistics anew on a few hundred shuffled training pictures (no labels, no gradients) "
    "and save the checkpoint; in training, let them be updated, or save them after averaging weights.",
    source="Li et al. 2016 (arXiv 1603.04779); Schneider et al. 2020 (arXiv 2006.16971); Wu and Johnson 2021 "
    "(arXiv 2105.07576)",
)
