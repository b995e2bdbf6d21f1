"""Which groups of pictures fail that are told by how they look: dark, blurred, noisy, partly without any detail.

A search over brightness, contrast, sharpness, flat areas, size and colour mode, as over columns of metadata. It finds
what no cluster shows: a corruption may move pictures little in the network's features, and each class on its own.
"""

import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.reports.metadata_columns import levels_of
from analysis.reports.slices import SliceSearch, find_slices

_MOST = 0.5  # of all samples: more are no group, but what the others are not
_BINS = 50  # a group of 8 % lies between two cuts; tenths would make it a group of 10 %


def slices_by_looks(frame: pd.DataFrame, label: IntArray, wrong: BoolArray, second: BoolArray) -> SliceSearch:
    """Search one half for slices by how pictures look, and test them on the other; see `find_slices`.

    Args:
        frame: N rows of what is known of the pictures (`Run.picture_columns`).
        label: (N,) class.
        wrong: (N,) True where the prediction is wrong.
        second: (N,) True in the half that is not searched; copies of a picture lie on one side.
    """
    columns, _ = levels_of(frame, bins=_BINS)
    return find_slices(columns, label, wrong, second, most=_MOST)
