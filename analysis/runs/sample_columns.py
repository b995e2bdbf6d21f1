"""The columns that a filter expression may name: those of ``samples.parquet``, and a few that are worked out."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from analysis.arrays import BoolArray
from analysis.expressions.columns import Column, Texts, Values, column_of
from analysis.runs.outlines import area_of, selected
from analysis.runs.run import Run

_LISTS = ("topk_index", "topk_logit")
_OLD, _NEW = 0, 1


class SampleColumns:
    """A run's columns for `Expression.mask`: `column`, `names` and `functions` are its arguments.

    Beside the stored ones there are `group` and `predicted_group` (old or new, of the label and of the prediction),
    and `prediction_repaired` (name of the class after the supported fixes). A manifest's column of such a name hides
    ours.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._derived: dict[str, Callable[[], Column]] = {}
        if run.is_old is not None:
            self._derived["group"] = lambda: self._group("label_index")
            self._derived["predicted_group"] = lambda: self._group("prediction_index")
        if "prediction_repaired_index" in run.columns:
            self._derived["prediction_repaired"] = self._prediction_repaired

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        stored = tuple(name for name in self.run.columns if name not in _LISTS)
        return (*stored, *(name for name in self._derived if name not in stored))

    @property
    def functions(self) -> Mapping[str, Callable[[str], Values]]:
        """What expressions may call.

        ``flagged("label_errors")``: the samples that a finding points at. ``inside("0_0_1_0_1_1")``: those inside
        outlines on the map, in link form.
        """
        return {"flagged": self._flagged, "inside": self._inside}

    def column(self, name: str) -> Column:
        """One column of N values, read anew.

        Raises:
            KeyError: If there is no such column.
        """
        if name in self.run.columns and name not in _LISTS:
            return column_of(self.run.arrow_column(name))
        return self._derived[name]()

    def _flagged(self, finding: str) -> BoolArray:
        evidence = self.run.evidence(finding)
        if evidence is None or "sample_id" not in evidence:
            ids = [str(one["id"]) for one in (self.run.findings or {}).get("findings", [])]
            known = ", ".join(one for one in ids if self.run.evidence(one) is not None)
            raise KeyError(f"No finding “{finding}” points at samples here. Those that do: {known or 'none'}.")
        mask = np.zeros(len(self.run), dtype=np.bool_)
        mask[evidence["sample_id"][evidence["sample_id"].between(0, len(self.run) - 1)].to_numpy(dtype=np.int64)] = True
        return mask

    def _inside(self, area: str) -> BoolArray:
        found = area_of(area)
        if found is None:
            raise KeyError("This is no outline of the map. Draw one there and choose “Filter by it”.")
        return selected(np.stack([self.run.column("projection_x"), self.run.column("projection_y")], axis=1), found)

    def _group(self, index: str) -> Column:
        """Old or new of the class whose number is in a column; missing for a class that is in neither."""
        is_old = np.zeros(0, dtype=np.bool_) if self.run.is_old is None else self.run.is_old
        of_class = np.append(np.where(is_old, _OLD, _NEW), -1).astype(np.int32)
        number = self.run.column(index)
        known = (number >= 0) & (number < len(is_old))
        return Texts(of_class[np.where(known, number, -1)], pa.array(["old", "new"]))

    def _prediction_repaired(self) -> Column:
        number, classes = self.run.column("prediction_repaired_index"), self.run.class_names
        code = np.where(number < len(classes), number, -1).astype(np.int32)
        return Texts(code, pa.array(classes, type=pa.string()))
