"""Labels that are probably wrong: the classifier (confident learning) and the neighbours must agree on another one."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray, IntArray

NEIGHBOURS = 10
_FEWEST_NEIGHBOURS = 3
_AGREEMENT = 0.6  # share of the neighbours that must carry the other label
_SURE_AGREEMENT = 0.8
_COPY = 0.9999  # cosine from which a neighbour is the same picture
_TOLD = 0.2  # weight of what the classifier says of the neighbours
_BLOCK = 16_384  # samples whose neighbours' candidates are in memory
_FEWEST = 5  # samples a class needs for a threshold of its own
_FEWEST_AT_ALL = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelIssues:
    """One verdict a sample; N samples.

    Attributes:
        is_issue: (N,) the label is probably wrong.
        quality: (N,) float32, 0..1, low = likely wrong: the label's probability with the mean probability that the
            neighbours have of it, weighted 1 : 0.2. What the neighbours are labelled plays no part: where one class is
            often labelled as another, their labels are wrong together.
        suggestion: (N,) class that both views hold to be right, −1 where there is no issue.
        agreement: (N,) share of the neighbours that carry the predicted class, 0..1.
        undetermined: (N,) True where more stored candidates could change the verdict.
        is_sure: (N,) True for the more certain half of those whose prediction four in five neighbours carry; the label
            itself plays no part in it, so the share of wrong labels among them estimates the share among all.
    """

    is_issue: BoolArray
    quality: FloatArray
    suggestion: IntArray
    agreement: FloatArray
    undetermined: BoolArray
    is_sure: BoolArray


def label_issues(
    candidate: IntArray, probability: FloatArray, label: IntArray, neighbours: IntArray, similarity: FloatArray
) -> LabelIssues:
    """Judge every label from stored candidates and a neighbour graph.

    A class j is confident for a sample if p_j ≥ t_j, the mean probability of j among samples labelled j. The guess is
    the only confident class, or the most probable one where several are; an issue is a guess that differs from the
    label, is the prediction, and is carried by 60 % of the 10 nearest neighbours (copies of the picture left out; of a
    class with fewer samples as many as it could fill).

    Args:
        candidate: (N, K) class of each stored candidate, −1 = none.
        probability: (N, K) its probability.
        label: (N,) class index.
        neighbours: (N, k) sample numbers, nearest first.
        similarity: (N, k) cosine.

    Source:
        Northcutt et al. 2021, arXiv 1911.00068; Zhu et al. 2022, arXiv 2110.06283 (neighbours).
    """
    n = len(label)
    p = np.where(candidate >= 0, probability, 0.0)
    is_label = candidate == label[:, None]
    p_label = np.where(is_label, p, 0).sum(axis=1)
    best = p.argmax(axis=1) if n else np.zeros(0, dtype=np.int64)
    predicted = candidate[np.arange(n), best]
    threshold = class_thresholds(p_label, label, int(max(candidate.max(initial=0), label.max(initial=0))) + 1)
    confident = (candidate >= 0) & (p >= threshold[candidate])
    count = confident.sum(axis=1)
    only = candidate[np.arange(n), confident.argmax(axis=1)]
    guess = np.where(count == 0, -1, np.where(count == 1, only, predicted))
    settled = (count >= 2) | ((count == 1) & (only == predicted))
    predicted_share = _share(neighbours, similarity, label, predicted)
    is_issue = (guess != label) & (guess == predicted) & (predicted >= 0) & (predicted_share >= _AGREEMENT)
    told = _told(candidate, p, label, neighbours, similarity)
    return LabelIssues(
        is_issue=is_issue,
        quality=np.clip((p_label + _TOLD * told) / (1 + _TOLD), 0, 1).astype(np.float32),
        suggestion=np.where(is_issue, guess, -1),
        agreement=predicted_share,
        undetermined=~settled & _could_be_more(p, candidate, threshold),
        is_sure=_sure(p.max(axis=1, initial=0), predicted_share),
    )


def class_thresholds(p_label: FloatArray, label: IntArray, classes: int) -> FloatArray:
    """(C,) mean probability of a class among the samples labelled with it.

    A class with fewer than 5 samples gets at least the mean over all samples, one with fewer than 2 gets ∞.
    """
    count = np.bincount(label, minlength=classes)
    total = np.bincount(label, weights=p_label, minlength=classes)
    own, pooled = total / np.maximum(count, 1), total.sum() / max(1, count.sum())
    return np.where(count >= _FEWEST, own, np.where(count >= _FEWEST_AT_ALL, np.maximum(own, pooled), np.inf))


def _share(neighbours: IntArray, similarity: FloatArray, label: IntArray, wanted: IntArray) -> FloatArray:
    """(N,) share of the 10 nearest that are no copies and carry the wanted class; 0 where there are none.

    Of a class with fewer samples only as many are looked at as it could fill, at least 3.
    """
    usable = _usable(neighbours, similarity)
    support = np.bincount(np.maximum(label, 0), minlength=int(wanted.max(initial=0)) + 1)
    looked_at = np.clip(support[np.maximum(wanted, 0)] - 1, _FEWEST_NEIGHBOURS, NEIGHBOURS)
    usable &= np.cumsum(usable, axis=1) <= looked_at[:, None]
    carry = usable & (label[np.maximum(neighbours, 0)] == wanted[:, None])
    return np.asarray(carry.sum(axis=1) / np.maximum(usable.sum(axis=1), 1))


def _told(
    candidate: IntArray, p: FloatArray, label: IntArray, neighbours: IntArray, similarity: FloatArray
) -> FloatArray:
    """(N,) mean probability of a sample's label among the 10 nearest that are no copies; 0 where there are none."""
    usable = _usable(neighbours, similarity)
    usable &= np.cumsum(usable, axis=1) <= NEIGHBOURS
    total = np.zeros(len(label))
    for start in range(0, len(label), _BLOCK):
        rows = slice(start, start + _BLOCK)
        for column in range(neighbours.shape[1]):
            near = np.maximum(neighbours[rows, column], 0)
            of_label = np.where(candidate[near] == label[rows, None], p[near], 0.0).sum(axis=1)
            total[rows] += np.where(usable[rows, column], of_label, 0.0)
    return np.asarray(total / np.maximum(usable.sum(axis=1), 1))


def _usable(neighbours: IntArray, similarity: FloatArray) -> BoolArray:
    """(N, k) neighbours that are there and no copies."""
    return np.asarray((neighbours >= 0) & (similarity < _COPY))


def _sure(p_best: FloatArray, agreement: FloatArray) -> BoolArray:
    agreed = agreement >= _SURE_AGREEMENT
    if not agreed.any():
        return agreed
    return np.asarray(agreed & (p_best >= np.median(p_best[agreed])))


def _could_be_more(p: FloatArray, candidate: IntArray, threshold: FloatArray) -> BoolArray:
    """(N,) could a class that is not stored be confident? Its probability is at most the smallest stored.

    It would not matter where two stored classes are confident, or the only one is the prediction: the guess is settled.
    """
    smallest = np.where(candidate >= 0, p, 1.0).min(axis=1, initial=1.0)
    below = np.searchsorted(np.sort(threshold), smallest, side="right")
    stored_below = ((candidate >= 0) & (threshold[candidate] <= smallest[:, None])).sum(axis=1)
    return np.asarray(below > stored_below)
