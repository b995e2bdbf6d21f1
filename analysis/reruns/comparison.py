"""A variant against its base on the same few pictures, by what also shows where another fault hides the gain.

The label's loss and right answers say nothing on a scrambled head; classes that lie apart in the embeddings do.
Letters: m samples, D embedding dimensions, P classes that occur.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray
from analysis.reruns.answers import Answers

CONTRADICTS = -1.0  # z of the class means
_WORST = 20.0  # nats: beyond it one sample would outvote all others


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A variant minus its base on m pictures. z: the mean paired difference in its standard errors.

    Attributes:
        accuracy, accuracy_base: share of right answers. z_right: of their difference.
        apart, apart_base: accuracy of the class means of the other samples (leave one out), in embedding space.
        z_apart: of the difference in the rank of the own class mean.
        z_loss: of the label's log-likelihood.
        confidence, confidence_base: mean. entropy: mean, nats.
        divided: z of old and of new samples, by right answers and log-likelihood together; 0 without a split.
    """

    images: int
    accuracy: float
    accuracy_base: float
    z_right: float
    apart: float | None
    apart_base: float | None
    z_apart: float | None
    z_loss: float
    confidence: float
    confidence_base: float
    entropy: float
    divided: tuple[float, float] = (0.0, 0.0)

    @property
    def score(self) -> float:
        """How much speaks for the variant, about a standard normal where nothing does."""
        if self.z_apart is None:
            return float((self.z_loss + self.z_right) / np.sqrt(2))
        found = max(self.z_apart, (self.z_apart + self.z_loss) / np.sqrt(2))
        if self.z_apart > CONTRADICTS:  # else it is chance, which a scrambled head falls short of
            found = max(found, (self.z_right + min(self.z_loss, self.z_right)) / np.sqrt(2))
        return float(found)

    @property
    def gain(self) -> float:
        """Accuracy gained by the network's own answers."""
        return self.accuracy - self.accuracy_base

    @property
    def gain_apart(self) -> float | None:
        """Accuracy gained by class means; None without any."""
        return None if self.apart is None or self.apart_base is None else self.apart - self.apart_base


def compare(
    base: Answers, variant: Answers, label: IntArray, is_old: BoolArray | None = None, *, means: bool = True
) -> Comparison:
    """Compare answers for the same samples.

    Args:
        base: m samples.
        variant: the same.
        label: (m,) class.
        is_old: (m,) True where it is an old one; None without a split.
        means: False where class means say nothing.
    """
    was, now = (_apart(base, label), _apart(variant, label)) if means else (None, None)
    loss = [np.nan_to_num(np.clip(a.facts["loss"], None, _WORST), nan=_WORST) for a in (base, variant)]
    right = [a.facts["correct"].astype(np.float64) for a in (base, variant)]
    both = was is not None and now is not None
    return Comparison(
        images=len(label),
        accuracy=float(right[1].mean()),
        accuracy_base=float(right[0].mean()),
        z_right=_z(right[1] - right[0]),
        apart=float(now[0].mean()) if both and now else None,
        apart_base=float(was[0].mean()) if both and was else None,
        z_apart=_z(now[1] - was[1]) if now is not None and was is not None else None,
        z_loss=_z(loss[0] - loss[1]),
        confidence=_mean(variant, "confidence"),
        confidence_base=_mean(base, "confidence"),
        entropy=_mean(variant, "entropy"),
        divided=(0.0, 0.0) if is_old is None else _divided(right[1] - right[0], loss[0] - loss[1], is_old),
    )


def _divided(right: FloatArray, loss: FloatArray, is_old: BoolArray) -> tuple[float, float]:
    old, new = (float((_z(right[side]) + _z(loss[side])) / np.sqrt(2)) for side in (is_old, ~is_old))
    return old, new


def _mean(answers: Answers, name: str) -> float:
    return float(np.nan_to_num(answers.facts[name].astype(np.float64)).mean())


def _z(difference: FloatArray) -> float:
    """Mean in standard errors; the variance is never taken below that of one sample that differs."""
    n = len(difference)
    if n < 2 or not np.any(difference):
        return 0.0
    spread = max(float(difference.var(ddof=1)), float(np.abs(difference).max()) ** 2 / n)
    return float(difference.mean() / np.sqrt(spread / n))


def _apart(answers: Answers, label: IntArray) -> tuple[BoolArray, FloatArray] | None:
    """(m,) is the own class mean the nearest, and its rank among the class means (1 = nearest, 0 = farthest)."""
    points = answers.embeddings if answers.embeddings is not None else _logits(answers)
    present, place, count = np.unique(label, return_inverse=True, return_counts=True)
    if points is None or len(present) < 2 or not (count > 1).any():
        return None
    unit = _unit(np.nan_to_num(points.astype(np.float32)))
    total = np.zeros((len(present), unit.shape[1]), dtype=np.float32)
    np.add.at(total, place, unit)
    similarity = unit @ _unit(total).T
    others = total[place] - unit
    own = np.einsum("md,md->m", unit, _unit(others))
    alone = count[place] < 2
    similarity[np.arange(len(label)), place] = -np.inf
    farther = (similarity < own[:, None]).sum(axis=1) - 1  # its own place is −∞, so it counts
    rank = np.where(alone, 0.5, farther / (len(present) - 1))
    return ~alone & (farther == len(present) - 1), rank


def _logits(answers: Answers) -> FloatArray | None:
    """Stored logits as a place in space, where the network hides its embeddings: (m, columns that occur)."""
    held = np.unique(answers.index[answers.index >= 0])
    if not len(held) or len(held) > 256:
        return None
    floor = np.where(np.isfinite(answers.logit), answers.logit, np.inf).min(axis=1, initial=np.inf)
    dense = np.repeat(np.where(np.isfinite(floor), floor, 0.0)[:, None], len(held), axis=1)
    rows, slot = np.nonzero((answers.index >= 0) & np.isfinite(answers.logit))
    dense[rows, np.searchsorted(held, answers.index[rows, slot])] = answers.logit[rows, slot]
    return np.asarray(dense)


def _unit(points: FloatArray) -> FloatArray:
    centred = points - points.mean(axis=0)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12), dtype=np.float32)
