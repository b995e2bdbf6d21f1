"""Which groups of pictures fail that are told by how they look: dark, blurred, noisy, partly without any detail.

A search over brightness, contrast, sharpness, flat areas, size and colour mode, as over columns of metadata. It finds
what no cluster shows: a corruption may move pictures little in the network's features, and each class on its own.
"""

from analysis.arrays import BoolArray
from analysis.reports.cluster_report import Judged, picture_columns
from analysis.reports.metadata_columns import levels_of
from analysis.reports.slices import SliceSearch, find_slices
from analysis.runs.run import Run

BINS = 50  # a group of 8 % lies between two cuts; tenths would make it a group of 10 %


def picture_slices(run: Run, judged: Judged, second: BoolArray) -> SliceSearch:
    """Search one half for slices by how pictures look, and test them on the other; see `find_slices`.

    Args:
        run: N samples.
        judged: What they are judged by.
        second: (N,) True in the half that is not searched; copies of a picture lie on one side.
    """
    columns, _ = levels_of(run.table(picture_columns(run)), bins=BINS)
    return find_slices(columns, judged.label, ~judged.correct, second)
