"""The classes' shares in the validation set are not those of training, and the model still expects the old ones."""

import numpy as np

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.class_prior import FEW, clear_gain, log_prior, shift_by_class, train_counts
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.significance import paired
from analysis.diagnosis.view import View

_BEYOND_CHANCE = 0.1  # total variation
_STANDARD_ERRORS = 1.5
_LEAST = 0.005


def what_if(view: View) -> Repair | None:
    """Log share of each class in these samples minus its log share in training, added to its logit.

    Without the second part where training frequency does not lean on the logits (balanced batches, or taken out).
    Classes with fewer than 8 training images are left where they are.
    """
    counts = train_counts(view)
    if not len(view) or _beyond_chance(counts, view.label) < _BEYOND_CHANCE:
        return None
    right = view.predictions.correct
    here = _log_share(view.label, counts)
    best: tuple[int, Repair] | None = None
    for offset in (here - log_prior(counts, few_left_out=True), here):
        shift = shift_by_class(view, offset, parameters=len(counts))
        after = shift.apply(view.predictions).correct
        if clear_gain(right, after) > _STANDARD_ERRORS and (best is None or int(after.sum()) > best[0]):
            best = int(after.sum()), shift
    return None if best is None else best[1]


def _log_share(label: IntArray, counts: IntArray) -> FloatArray:
    """(C,) log share of each class among labels, one sample added to each, centred; 0 for classes with few images."""
    enough = counts >= FEW
    share = np.log(np.bincount(label, minlength=len(counts))[: len(counts)] + 1.0)
    return np.asarray(np.where(enough, share - share[enough].mean(), 0.0)) if enough.any() else np.zeros(len(counts))


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Total variation between both sets of shares beyond what chance gives, and accuracy with the shares exchanged."""
    assert outcome is not None
    counts = train_counts(view)
    beyond = _beyond_chance(counts, view.label)
    distance = _distance(counts, view.label)
    score = paired(outcome.before, outcome.after, view.column("content_hash"))
    even = beyond < _BEYOND_CHANCE
    return Measurement(
        summary=(
            f"Training and validation differ in how often classes occur (by {100 * distance:.0f} % of the samples). "
            f"Telling the model the shares of the validation set changes accuracy from "
            f"{100 * outcome.before.mean():.1f} % to {100 * outcome.after.mean():.1f} %."
        ),
        denial=(
            f"The classes' shares in training and validation differ by {100 * distance:.0f} % of the samples"
            + (", which chance alone explains." if even else ", but correcting for it gains nothing worth having.")
        ),
        n=len(view),
        effect=score.change,
        p=score.p,
        ceiling=0.0 if even else None,
        evidence=(
            Evidence(name="total variation between the shares", value=distance, unit="fraction", n=len(view)),
            Evidence(
                name="beyond what a sample of this size gives by chance",
                value=beyond,
                threshold=_BEYOND_CHANCE,
                unit="fraction",
                n=len(view),
            ),
            Evidence(name="accuracy now", value=float(outcome.before.mean()), unit="fraction", n=len(view)),
            Evidence(
                name="accuracy with the shares exchanged, on held-out samples",
                value=float(outcome.after.mean()),
                threshold=float(outcome.before.mean()) + _LEAST,
                unit="fraction",
                n=len(view),
            ),
        ),
    )


def _shares(counts: IntArray, label: IntArray) -> tuple[FloatArray, FloatArray]:
    known = counts > 0
    here = np.bincount(label, minlength=len(counts))[: len(counts)] * known
    return counts / max(1, counts.sum()), here / max(1, here.sum())


def _distance(counts: IntArray, label: IntArray) -> float:
    trained, here = _shares(counts, label)
    return float(np.abs(trained - here).sum() / 2)


def _beyond_chance(counts: IntArray, label: IntArray) -> float:
    """Total variation minus its mean for a sample of this size that is drawn as training was (normal approximation)."""
    trained, _ = _shares(counts, label)
    chance = np.sqrt(2 * trained * (1 - trained) / (np.pi * max(1, len(label)))).sum() / 2
    return float(_distance(counts, label) - chance)


HYPOTHESIS = Hypothesis(
    id="val_train_prior_shift",
    title="Training expects other class shares",
    chapter="data",
    claim="the classes are not as frequent in the validation set as they were in training",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "train_counts"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=1000,
    look_alikes=("class_prior_bias", "logit_group_bias", "tail_classes"),
    fix="Add log(share where it is used / share in training) to each class' bias, with the shares of the real use.",
    source="Saerens et al. 2002; Menon et al. 2021, arXiv 2007.07314",
)
