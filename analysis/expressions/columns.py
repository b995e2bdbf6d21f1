"""Columns as expressions compare them: numbers, text, yes or no, dates; N samples each."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """`value` (N,) of any number type; `known` (N,) False where it is missing, None where none is."""

    value: FloatArray | IntArray
    known: BoolArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """`code` (N,) int32 places in the distinct `words`, −1 = missing."""

    code: IntArray
    words: pa.StringArray


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """`value` (N,) bool; `known` as in `Numbers`."""

    value: BoolArray
    known: BoolArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """`value` (N,) datetime64[s] in UTC, NaT = missing."""

    value: AnyArray


Column: TypeAlias = Numbers | Texts | Truths | Moments
Values: TypeAlias = "Column | AnyArray | pa.Array | pa.ChunkedArray"


def column_of(values: Values) -> Column:
    """Any array as a column.

    Missing are nulls, NaN and infinite numbers, NaT and empty text. Dates keep whole seconds; what is none of the four
    kinds, such as lists or decimal numbers, is compared by its text.
    """
    if isinstance(values, Numbers | Texts | Truths | Moments):
        return values
    if isinstance(values, np.ndarray):
        if values.dtype.kind in "iu":
            return Numbers(values)
        if values.dtype.kind == "f":
            return _floats(values, None)
        if values.dtype.kind == "b":
            return Truths(values)
        values = _from_objects(values)
    return _from_arrow(values)


def _from_objects(values: AnyArray) -> pa.Array:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # values of several kinds
        return pa.array([None if value is None else str(value) for value in values.tolist()], type=pa.string())


def _from_arrow(values: "pa.Array | pa.ChunkedArray") -> Column:
    kind = values.type
    if pa.types.is_dictionary(kind):
        if _is_text(kind.value_type):
            return _texts(values)
        values, kind = values.cast(kind.value_type), kind.value_type
    known = None if values.null_count == 0 else pc.is_valid(values).to_numpy(zero_copy_only=False)
    if pa.types.is_boolean(kind):
        return Truths(pc.fill_null(values, False).to_numpy(zero_copy_only=False), known)
    if pa.types.is_integer(kind):
        return Numbers(pc.fill_null(values, 0).to_numpy(zero_copy_only=False), known)
    if pa.types.is_floating(kind):
        return _floats(values.to_numpy(zero_copy_only=False), known)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        plain = values.cast(pa.timestamp("us")) if pa.types.is_date(kind) else values
        return Moments(plain.to_numpy(zero_copy_only=False).astype("datetime64[s]"))
    if not _is_text(kind):
        values = pa.array([None if value is None else str(value) for value in values.to_pylist()], type=pa.string())
    return _texts(values.dictionary_encode())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _floats(values: FloatArray, known: BoolArray | None) -> Numbers:
    value = values.astype(np.float32) if values.dtype == np.float16 else values
    finite = np.isfinite(value)
    if known is not None:
        finite &= known
    return Numbers(value, None if finite.all() else finite)


def _texts(values: "pa.Array | pa.ChunkedArray") -> Texts:
    if isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries().combine_chunks()
        values = values.chunk(0) if isinstance(values, pa.ChunkedArray) else values
    code = pc.fill_null(values.indices.cast(pa.int32()), -1).to_numpy(zero_copy_only=False)
    empty = pc.indices_nonzero(pc.fill_null(pc.equal(values.dictionary, ""), True)).to_numpy()
    if len(empty):
        code = np.where(np.isin(code, empty), np.int32(-1), code)
    return Texts(code, values.dictionary)
