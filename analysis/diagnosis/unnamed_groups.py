"""Groups of pictures that nothing else names: clusters, and pictures that look alike and fail for certain.

A cluster of blank pictures is no finding of its own beside "pictures are broken", nor one of the bad camera's pictures
beside the slice that names the camera: those samples are left out first.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.broken_pictures import blank_pictures, tiny_pictures
from analysis.diagnosis.failing_slices import slices_of
from analysis.diagnosis.unexplained_errors import wrongly_prepared
from analysis.diagnosis.view import View
from analysis.reports.look_groups import with_look_groups
from analysis.reports.picture_slices import slices_by_looks

_RECORDED = frozenset({"pixel_std", "width", "height"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnnamedGroups:
    """Samples that nothing else explains, in groups.

    Attributes:
        view: of these m samples.
        group: (m,) number of the group, −1 = in none.
        looks: number → the expression of a group that was found by how its pictures look.
    """

    view: View
    group: IntArray
    looks: dict[int, str]

    def clusters(self) -> IntArray:
        """(N,) the run's clusters with these groups among them; samples that something else explains stay in theirs."""
        found = np.array(self.view.run.column("cluster"), dtype=np.int32)
        found[self.view.rows] = self.group
        return found


def unnamed_groups(view: View) -> UnnamedGroups:
    """Clusters of the samples that no broken picture, failing slice of metadata or wrong preprocessing explains.

    Args:
        view: all samples of a run with clusters.
    """
    named = _named(view)
    rest = view.at(np.flatnonzero(~named)) if named.any() else view
    wrong = ~rest.predictions.correct
    frame = view.run.table(list(view.run.picture_columns)).iloc[rest.rows]
    found = slices_by_looks(frame, rest.label, wrong, rest.second)
    group, looks = with_look_groups(rest.column("cluster"), found.slices, rest.label, wrong)
    return UnnamedGroups(view=rest, group=group, looks=looks)


def _named(view: View) -> BoolArray:
    """(n,) True for samples that a more specific finding speaks of."""
    named = wrongly_prepared(view)
    if set(view.run.columns) >= _RECORDED:
        named |= blank_pictures(view) | tiny_pictures(view)
    if view.run.metadata_columns:
        for one in slices_of(view).failing:
            named |= one.inside
    return named
