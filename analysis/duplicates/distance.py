"""How different two small pictures are once the one is laid over the other, also where one is a crop of the other."""

from functools import cache

import numpy as np

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.duplicates.small_picture import SIDE, SmallPictures

_SEARCH_SIDE = 16  # the crop is looked for on quarter-size pictures, then applied to the full ones
_SCALES = (0.95, 0.88)  # share of a side that a crop keeps
_SHIFTS = (0.0, 0.5, 1.0)  # where the kept part lies within what was cut
_BLOCK = 1024


def distances(a: SmallPictures, b: SmallPictures, first_of: IntArray, second_of: IntArray) -> FloatArray:
    """√(1 − correlation) of the gray values, (P,), 0 = the same, 1 = unrelated; brightness and contrast play no part.

    Each pair is compared as it is and with either one cropped by about a tenth a side; the best fit counts.

    Args:
        a: n pictures.
        b: m pictures.
        first_of: (P,) number among `a` of each pair's one picture. A picture may stand in many pairs, so the pairs'
            pictures are taken block by block.
        second_of: (P,) number among `b` of the other.
    """
    found = np.empty(len(first_of))
    for start in range(0, len(first_of), _BLOCK):
        part = slice(start, start + _BLOCK)
        first, second = a.gray[first_of[part]].astype(np.float32), b.gray[second_of[part]].astype(np.float32)
        straight = _apart(first, second)
        found[part] = np.minimum(straight, np.minimum(_cropped(first, second), _cropped(second, first)))
    return found


def rough_distances(a: AnyArray, b: AnyArray) -> FloatArray:
    """The same of (n, 8, 8) or other small versions as they are, without looking for crops."""
    return _apart(a.astype(np.float32), b.astype(np.float32))


def colour_differences(a: SmallPictures, b: SmallPictures, first_of: IntArray, second_of: IntArray) -> FloatArray:
    """Mean absolute difference of the colours of sixteen fields, (P,), 0..255, of pairs as in `distances`."""
    difference = np.abs(a.colour[first_of].astype(np.int16) - b.colour[second_of].astype(np.int16))
    return np.asarray(difference.mean(axis=(1, 2, 3)))


def _apart(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.maximum(0, 1 - np.einsum("nij,nij->n", _unit(a), _unit(b)))))


def _unit(pictures: FloatArray) -> FloatArray:
    """Mean 0 and length 1; a picture of one colour becomes all 0."""
    flat = pictures.reshape(len(pictures), pictures.shape[1] * pictures.shape[2])
    centred = flat - flat.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("nj,nj->n", centred, centred))
    return np.asarray((centred / np.maximum(length, 1e-3)[:, None]).reshape(pictures.shape))


def _cropped(whole: FloatArray, part: FloatArray) -> FloatArray:
    """Distance of `part` to the crop of `whole` that fits it best."""
    rows, columns = _best_crop(_halved(whole), _halved(part))
    side = _crops(SIDE)
    return _apart(side[rows] @ whole @ side[columns].transpose(0, 2, 1), part)


def _best_crop(whole: FloatArray, part: FloatArray) -> tuple[IntArray, IntArray]:
    """Numbers of the vertical and the horizontal cut, (n,) each."""
    side = _crops(_SEARCH_SIDE)
    wide = whole @ side.reshape(-1, _SEARCH_SIDE).T  # (n, 16, crops × 16)
    wide = wide.reshape(len(whole), _SEARCH_SIDE, len(side), _SEARCH_SIDE).transpose(2, 0, 1, 3).copy()
    target = _unit(part)
    fit = np.full(len(whole), -np.inf)
    best = np.zeros((2, len(whole)), dtype=np.int64)
    per_scale = len(_SHIFTS)
    for row in range(len(side)):
        for column in range(row // per_scale * per_scale, row // per_scale * per_scale + per_scale):
            value = _correlation(side[row] @ wide[column], target)
            better = value > fit
            fit[better], best[0, better], best[1, better] = value[better], row, column
    return best[0], best[1]


def _correlation(pictures: FloatArray, unit: FloatArray) -> FloatArray:
    """With pictures of mean 0 and length 1; no copy of the pictures is made."""
    n, pixels = len(pictures), pictures[0].size
    flat, target = pictures.reshape(n, pixels), unit.reshape(n, pixels)
    mean = flat.mean(axis=1)
    spread = np.einsum("nj,nj->n", flat, flat) - pixels * mean**2
    return np.asarray(np.einsum("nj,nj->n", flat, target) / np.sqrt(np.maximum(spread, 1e-3)))


def _halved(pictures: FloatArray) -> FloatArray:
    rows = pictures[:, ::2] + pictures[:, 1::2]
    return np.asarray((rows[:, :, ::2] + rows[:, :, 1::2]) / 4)


@cache
def _crops(side: int) -> AnyArray:
    """(scales × shifts, S, S) float32: each maps a line of S pixels to the part of it that a crop keeps."""
    made = []
    for scale in _SCALES:
        for shift in _SHIFTS:
            centre = shift * (1 - scale) * side + scale * (np.arange(side) + 0.5) - 0.5
            low = np.clip(np.floor(centre).astype(int), 0, side - 2)
            weight = np.clip(centre - low, 0, 1)
            matrix = np.zeros((side, side), dtype=np.float32)
            matrix[np.arange(side), low], matrix[np.arange(side), low + 1] = 1 - weight, weight
            made.append(matrix)
    return np.stack(made)
