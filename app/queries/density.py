"""The map as a picture, for browsers without WebGL 2: how many points, of which colours, in every pixel."""

import io
from collections.abc import Collection

import numpy as np
from PIL import Image

from analysis.arrays import AnyArray, BoolArray, FloatArray
from app.queries import points
from app.queries.colourings import Colouring
from app.queries.points import Box
from app.queries.runs import RunKey

LARGEST = 1600  # pixels of an edge
_SPREAD = 2  # a point covers so many pixels to each side, or single ones could not be seen


def density_picture(
    key: RunKey,
    found: Colouring,
    box: Box,
    *,
    width: int,
    height: int,
    hidden: Collection[int] = (),
    passing: BoolArray | None = None,
) -> bytes:
    """Draw the points inside a box as a PNG with transparent ground.

    A pixel has the mean colour of its points; its opacity grows with the logarithm of their number.

    Args:
        key: The run.
        found: Colours of its points.
        box: What is shown, in data coordinates.
        width: In pixels, held within 1..`LARGEST`.
        height: Likewise.
        hidden: Codes of categories to leave out.
        passing: (N,) samples that a filter lets through, None for all.
    """
    width, height = (int(np.clip(edge, 1, LARGEST)) for edge in (width, height))
    xy = points.places(key)
    picture: AnyArray = np.zeros((height, width, 4), dtype=np.uint8)
    if xy is not None:
        picture = _painted(xy, found, _shown(found, hidden, passing), box, (height, width))
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def cell_of(
    key: RunKey, found: Colouring, box: Box, *, hidden: Collection[int] = (), passing: BoolArray | None = None
) -> tuple[int, int]:
    """How many points a box holds, and the id of the one nearest to its middle, −1 for none; see `density_picture`."""
    xy = points.places(key)
    if xy is None:
        return 0, -1
    left, bottom, right, top = box
    x, y = xy[:, 0], xy[:, 1]
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top) & _shown(found, hidden, passing)
    ids = np.flatnonzero(inside)
    if not len(ids):
        return 0, -1
    apart = np.square(xy[ids] - np.array([(left + right) / 2, (bottom + top) / 2], dtype=xy.dtype)).sum(axis=1)
    return len(ids), int(ids[apart.argmin()])


def _shown(found: Colouring, hidden: Collection[int], passing: BoolArray | None) -> BoolArray:
    shown = np.ones(len(found.codes), dtype=np.bool_) if passing is None else passing
    return shown & ~np.isin(found.codes, list(hidden)) if hidden else shown


def _painted(xy: FloatArray, found: Colouring, shown: BoolArray, box: Box, size: tuple[int, int]) -> AnyArray:
    height, width = size
    left, bottom, right, top = box
    with np.errstate(invalid="ignore"):
        column = np.floor((xy[:, 0] - left) / max(right - left, 1e-12) * width)
        row = np.floor((top - xy[:, 1]) / max(top - bottom, 1e-12) * height)
        inside = np.flatnonzero(shown & (column >= 0) & (column < width) & (row >= 0) & (row < height))
    pixel = row[inside].astype(np.int64) * width + column[inside].astype(np.int64)
    colours = np.zeros((256, 3))
    for category in found.categories:
        colours[category.code] = [int(category.colour[at : at + 2], 16) for at in (1, 3, 5)]
    weight = np.zeros(256)
    weight[[category.code for category in found.categories]] = [category.alpha for category in found.categories]
    codes = found.codes[inside]
    strength = weight[codes]
    total = _spread(np.bincount(pixel, strength, minlength=height * width).reshape(size))
    if not total.any():
        return np.zeros((height, width, 4), dtype=np.uint8)
    sums = [np.bincount(pixel, strength * colours[codes, band], minlength=height * width) for band in range(3)]
    mean = np.stack([_spread(band.reshape(size)) for band in sums], axis=2) / np.maximum(total, 1e-9)[:, :, None]
    opacity = np.log1p(4 * total) / np.log1p(4 * float(np.quantile(total[total > 0], 0.98)))
    alpha = np.where(total > 1e-9, np.clip(0.25 + 0.75 * opacity, 0, 1), 0)
    return np.asarray(np.dstack([mean, 255 * alpha]).round().clip(0, 255), dtype=np.uint8)


def _spread(values: AnyArray) -> AnyArray:
    """Sums over squares of 2 × `_SPREAD` + 1 pixels."""
    side = 2 * _SPREAD + 1
    sums = np.pad(values, ((_SPREAD + 1, _SPREAD), (_SPREAD + 1, _SPREAD))).cumsum(axis=0).cumsum(axis=1)
    return np.asarray(sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side])
