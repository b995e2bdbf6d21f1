"""Which row's label belongs to which picture: shifts of the whole file or of parts of it, and files sorted otherwise.

Letters: N rows of the file, C classes. A source says for each row, (N,), which row carries its label.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.diagnosis.staircase import steady_path
from analysis.spec.class_names import natural_key

_DRAWS = 4
_LAGS = 8
_NEAR = (-3, -2, -1, 1, 2, 3)
_FEWEST = 30  # pairs at a lag
_CERTAIN = 4.0  # standard deviations
_BLOCKS = 4000
_ROUNDS = 3
_ONE_FOR_ALL = 0.97  # of the agreement of a shift that changes: then one shift is the better answer
_AS_GOOD = 0.6  # of the agreement at the commonest lag


def common_lags(label: IntArray, predicted: IntArray, classes: int) -> IntArray:
    """Lags k at which `predicted[r]` and `label[r + k]` agree most, 0 first, then the best peaks.

    Classes get random signs, so that one correlation by FFT compares all lags at once.

    Args:
        label: (N,) −1 where not to be looked at.
        predicted: (N,) likewise.
        classes: C.
    """
    n = len(label)
    rng = np.random.default_rng(0)
    total = np.zeros(n)
    pairs = np.rint(_correlation(predicted >= 0, label >= 0))
    for _ in range(_DRAWS):
        sign = np.r_[rng.choice([-1.0, 1.0], size=classes), 0.0]
        total += _correlation(sign[predicted], sign[label])
    total = total / np.sqrt(np.maximum(pairs, 1) * _DRAWS)
    rate = np.where(pairs >= _FEWEST, total / np.sqrt(np.maximum(pairs, 1)), 0)
    peak = (rate >= np.roll(rate, 1)) & (rate >= np.roll(rate, -1))
    peak[0] = False
    found = np.flatnonzero(peak & (total > _CERTAIN))
    found = found[np.argsort(-rate[found], kind="stable")][:_LAGS]
    if n > 2 * len(_NEAR):
        found = np.concatenate([found, np.array(_NEAR) % n])
    lags = np.concatenate([[0], found])
    _, first = np.unique(lags, return_index=True)
    lags = lags[np.sort(first)]
    return np.where(lags > n // 2, lags - n, lags)


def _correlation(first: AnyArray, second: AnyArray) -> FloatArray:
    """Σ_r first[r] · second[r + k] for every k, (N,), around the end."""
    product = np.conj(np.fft.rfft(first.astype(np.float64))) * np.fft.rfft(second.astype(np.float64))
    return np.asarray(np.fft.irfft(product, len(first)))


def lag_of_each_row(label: IntArray, predicted: IntArray, lags: IntArray, classes: int) -> IntArray:
    """Lag of each row, (N,), with few changes along the file: a constant shift, or one from some row on.

    Args:
        label: (N,) −1 where not to be looked at.
        predicted: (N,) likewise.
        lags: candidates, 0 first.
        classes: C.
    """
    n = len(label)
    known, hit = np.zeros((n, len(lags)), dtype=np.bool_), np.zeros((n, len(lags)), dtype=np.bool_)
    for place, lag in enumerate(lags):
        moved = np.roll(label, -lag)
        known[:, place] = (moved >= 0) & (predicted >= 0)
        hit[:, place] = known[:, place] & (moved == predicted)
    chance = _chance(label, predicted, classes)
    rates = hit.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    rate = float(rates.max())
    path = np.full(n, int(rates.argmax()))
    for _ in range(_ROUNDS):
        rate = float(np.clip(rate, 2 * chance, 0.98)) if chance < 0.4 else 0.9
        score = np.where(hit, np.log(rate / chance), np.where(known, np.log((1 - rate) / (1 - chance)), 0.0))
        score *= known[:, 0].sum() / np.maximum(known.sum(axis=0), 1)  # at other lags fewer pairs are known
        starts = np.arange(0, n, -(-n // _BLOCKS))
        coarse = np.add.reduceat(score, starts, axis=0)
        path = np.repeat(steady_path(coarse, 2 * np.log(n) + 4, monotone=False), np.diff(np.r_[starts, n]))
        chosen = np.arange(n), path
        rate = float(hit[chosen].sum() / max(1, known[chosen].sum()))
    if rates.max() >= _ONE_FOR_ALL * rate:
        path[:] = int(rates.argmax())
    return np.asarray(lags[_convincing(path, hit, known)])


def _convincing(path: IntArray, hit: BoolArray, known: BoolArray) -> IntArray:
    """The path, (N,), without stretches at another than the commonest lag that do not speak for themselves.

    A model is about as right about the pictures of a shifted stretch, put right, as about all others. Where a stretch
    of a file sorted by class carries wrong labels, some neighbour's label fits by accident, and less often than that.

    Args:
        path: (N,) number of the lag of each row.
        hit: (N, S) does the answer agree with the label at each lag?
        known: (N, S) are both known?
    """
    home = int(np.bincount(path).argmax())
    usual = float(hit[path == home, home].sum() / max(1, known[path == home, home].sum()))
    kept = path.copy()
    edges = np.r_[0, np.flatnonzero(np.diff(path)) + 1, len(path)]
    for start, end in pairwise(edges.tolist()):
        lag, rows = path[start], slice(start, end)
        both = known[rows, lag] & known[rows, home]
        here = float(hit[rows, lag].sum() / max(1, known[rows, lag].sum()))
        if lag != home and (here < _AS_GOOD * usual or not is_better(hit[rows, lag][both], hit[rows, home][both])):
            kept[rows] = home
    return kept


def source_of_lags(lag: IntArray) -> IntArray:
    """Row whose label belongs to each row; a constant lag wraps around, else rows without a partner keep theirs."""
    n = len(lag)
    source = np.arange(n) + lag
    if n and (lag == lag[0]).all():
        return source % n
    return np.where((source >= 0) & (source < n), source, np.arange(n))


def sorted_sources(filepaths: Sequence[str]) -> Iterator[tuple[str, IntArray]]:
    """Sources for labels that were listed in another order of the files than the pictures, both ways round."""
    here = np.arange(len(filepaths))
    paths = [str(path).replace("\\", "/") for path in filepaths]
    names = [path.rsplit("/", 1)[-1] for path in paths]
    keys: dict[str, list[Any]] = {
        "path": paths,
        "path without regard to case": [path.lower() for path in paths],
        "path by number": [natural_key(path) for path in paths],
        "file name": names,
        "file name by number": [natural_key(name) for name in names],
    }
    seen = {here.tobytes()}
    yield "backwards", here[::-1]
    for words, key in keys.items():
        order = np.array(sorted(range(len(key)), key=key.__getitem__), dtype=np.int64)
        rank = np.empty_like(order)
        rank[order] = here
        for how, source in ((f"labels sorted by {words}", rank), (f"pictures sorted by {words}", order)):
            if source.tobytes() not in seen:
                seen.add(source.tobytes())
                yield how, source


def folder_classes(filepaths: Sequence[str], class_names: Sequence[str]) -> IntArray:
    """(N,) class that the picture's folder is named after, −1 = none."""
    place = {name: index for index, name in enumerate(class_names)}
    parts = (str(path).replace("\\", "/").rsplit("/", 2) for path in filepaths)
    folders = (part[-2] if len(part) > 1 else "" for part in parts)
    return np.fromiter((place.get(folder, -1) for folder in folders), dtype=np.int64, count=len(filepaths))


def is_better(hits: BoolArray, now: BoolArray) -> bool:
    """Beyond doubt, with room for having tried many: four standard deviations of the changed answers."""
    changed = int((hits != now).sum())
    return bool(int(hits.sum()) - int(now.sum()) > _CERTAIN * np.sqrt(max(changed, 1)))


def _chance(label: IntArray, predicted: IntArray, classes: int) -> float:
    """Agreement of labels and answers drawn independently, never 0."""
    first: FloatArray = np.bincount(label[label >= 0], minlength=classes) / max(1, int((label >= 0).sum()))
    second = np.bincount(predicted[predicted >= 0], minlength=classes) / max(1, int((predicted >= 0).sum()))
    return float(np.clip((first * second).sum(), 1e-5, 0.9))
