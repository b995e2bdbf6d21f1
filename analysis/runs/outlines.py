"""Outlines drawn on the map: a selection of samples by their places, and how it stands in a link."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray

MOST_CORNERS = 2_000
MOST_OUTLINES = 12
_NEXT, _EXCEPT = "~", "x"  # between outlines; before one that takes samples away

Corners = tuple[tuple[float, float], ...]
"""Corners of an outline in the map's coordinates."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One step of a selection: what lies inside `corners` is taken in or, where `keep` is False, taken away."""

    corners: Corners
    keep: bool = True


Area = tuple[Outline, ...]
"""A selection, step by step; never empty."""


def area_text(area: Area) -> str:
    """A selection for a link: `x_y_x_y…`, outlines parted by `~`, one that takes away begins with `x`.

    No sign that browsers write as `%2C`; seven significant digits, as many as float32 holds.
    """
    return _NEXT.join(("" if outline.keep else _EXCEPT) + _corners_text(outline.corners) for outline in area)


def _corners_text(corners: Corners) -> str:
    return "_".join(f"{value:.7g}" for corner in corners for value in corner)


def area_of(text: str | None) -> Area | None:
    """The selection that `area_text` wrote; None for anything else."""
    parts = (text or "").split(_NEXT)
    corners = [_corners_of(part.removeprefix(_EXCEPT)) for part in parts[: MOST_OUTLINES + 1]]
    if len(corners) > MOST_OUTLINES or sum(len(outline) for outline in corners) > MOST_CORNERS or () in corners:
        return None
    return tuple(Outline(outline, not part.startswith(_EXCEPT)) for outline, part in zip(corners, parts, strict=True))


def _corners_of(text: str) -> Corners:
    try:
        values = [float(part) for part in text.split("_")]
    except ValueError:
        return ()
    if len(values) % 2 or len(values) < 6 or not np.isfinite(values).all():
        return ()
    return tuple(zip(values[::2], values[1::2], strict=True))


def selected(xy: FloatArray, area: Area) -> BoolArray:
    """(N,) True for the points of a selection; see `inside` for `xy`."""
    result = np.zeros(len(xy), dtype=np.bool_)
    for outline in area:
        result[inside(xy, outline.corners)] = outline.keep
    return result


def inside(xy: FloatArray, corners: Sequence[tuple[float, float]]) -> BoolArray:
    """Which points lie inside an outline, by the even-odd rule.

    Args:
        xy: (N, 2) points; a point that is not finite is outside.
        corners: In order; the last is joined to the first.

    Source:
        Shimrat 1962, Algorithm 112; Haines 1994, Point in Polygon Strategies.
    """
    ends = np.asarray(corners, dtype=np.float64)
    (left, bottom), (right, top) = ends.min(axis=0), ends.max(axis=0)
    near = np.flatnonzero((xy[:, 0] >= left) & (xy[:, 0] <= right) & (xy[:, 1] >= bottom) & (xy[:, 1] <= top))
    near = near[np.argsort(xy[near, 1], kind="stable")]
    odd = np.zeros(len(near), dtype=np.bool_)
    px, py = xy[near].astype(np.float64).T
    following = np.roll(ends, -1, axis=0)
    # In order of y, an edge meets a slice of the points: a thousand short edges cost no more than ten long ones.
    low, high = (np.searchsorted(py, side(ends[:, 1], following[:, 1])) for side in (np.minimum, np.maximum))
    for (x0, y0), (x1, y1), start, stop in zip(ends, following, low, high, strict=True):
        if start < stop:
            odd[start:stop] ^= px[start:stop] < (x1 - x0) * (py[start:stop] - y0) / (y1 - y0) + x0
    result = np.zeros(len(xy), dtype=np.bool_)
    result[near[odd]] = True
    return result
