"""Pictures that show nothing: of a single colour, or far too small."""

import numpy as np

from analysis.arrays import BoolArray
from analysis.diagnosis.view import View

_BLANK = 2.0  # standard deviation of the pixels, 0..255
_TINY = 32  # pixels
_TINY_SHARE = 0.25  # of the median side: a set of small pictures is not a broken one


def blank_pictures(view: View) -> BoolArray:
    """(n,) True for pictures of a single colour; needs what is recorded of pictures."""
    return np.asarray(view.column("pixel_std") < _BLANK)


def tiny_pictures(view: View) -> BoolArray:
    """(n,) True for pictures far smaller than the others."""
    side = np.minimum(view.column("width"), view.column("height"))
    usual = float(np.median(side)) if len(side) else 0.0
    return np.asarray((side >= 0) & (side < min(_TINY, _TINY_SHARE * usual)))
