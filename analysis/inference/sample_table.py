"""A shard's arrays as rows of `samples.parquet`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.arrays import AnyArray, IntArray
from analysis.datasets.dataset import Dataset
from analysis.runs import layout

CANDIDATES = ("topk_index", "topk_logit")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTable:
    """What rows need beside a shard's arrays.

    Attributes:
        filepaths: One text a sample of the dataset.
        class_names: Names of all classes and outputs; at least as many as any index.
        outputs: C; the label_rank of a sample whose label has no output.
        metadata: One column of the manifest a name, already renamed where one of ours is called so.
    """

    filepaths: pa.Array
    class_names: pa.Array
    outputs: int
    metadata: Mapping[str, pa.Array]

    @classmethod
    def of(cls, dataset: Dataset, class_names: Sequence[str], outputs: int) -> "SampleTable":
        """Prepare the columns that come from the dataset and the class list."""
        names = layout.metadata_names([str(column) for column in dataset.metadata.columns])
        columns = [_arrow(dataset.metadata.iloc[:, place]) for place in range(dataset.metadata.shape[1])]
        return cls(
            filepaths=pa.array(dataset.filepaths, type=pa.string()),
            class_names=pa.array(class_names, type=pa.string()),
            outputs=outputs,
            metadata=dict(zip(names.values(), columns, strict=True)),
        )

    @property
    def schema(self) -> pa.Schema:
        """Columns of ``samples.parquet``."""
        return pa.schema([*layout.SAMPLE_FIELDS, *((name, column.type) for name, column in self.metadata.items())])

    def rows(self, shard: Mapping[str, AnyArray], first_id: int) -> pa.Table:
        """Rows of one shard.

        Args:
            shard: Arrays of n samples.
            first_id: sample_id of the first of them.
        """
        positions = shard["position"]
        columns = {name: self._column(name, kind, shard, len(positions)) for name, kind in layout.SAMPLE_FIELDS}
        columns["sample_id"] = pa.array(np.arange(first_id, first_id + len(positions)))
        columns["filepath"] = self.filepaths.take(pa.array(positions))
        columns["label"] = self.class_names.take(pa.array(shard["label_index"]))
        columns["prediction"] = self.class_names.take(pa.array(shard["prediction_index"]))
        columns |= {name: column.take(pa.array(positions)) for name, column in self.metadata.items()}
        return pa.table(list(columns.values()), schema=self.schema)

    def _column(self, name: str, kind: pa.DataType, shard: Mapping[str, AnyArray], rows: int) -> pa.Array:
        if name not in shard:
            return pa.nulls(rows, kind)
        values = shard[name]
        if name in CANDIDATES:
            offsets = np.arange(rows + 1, dtype=np.int32) * values.shape[1]
            return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()), type=kind)
        absent = _absent(values) if name in ("best_old_index", "best_new_index") else None
        return pa.array(values, type=kind, mask=absent)


def _absent(index: IntArray) -> AnyArray | None:
    return index < 0 if (index < 0).any() else None


def _arrow(column: "pd.Series[Any]") -> pa.Array:
    """A metadata column as it is, or as text where its values are of several kinds."""
    try:
        array = pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        array = pa.array([None if value is None else str(value) for value in column], type=pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
