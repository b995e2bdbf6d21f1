"""A table as CSV bytes that no spreadsheet mistakes for a program."""

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

_FORMULA = r"^[=+\-@\t\r\n]"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def csv_bytes(table: pa.Table, *, header: bool) -> bytes:
    """UTF-8 CSV; text is quoted, a missing value and NaN are empty, lists are written as ``[1,2]``.

    A cell or column name that a spreadsheet would run as a formula (it begins with = + - @ or a control character and
    is no number) gets an apostrophe in front.

    Args:
        table: Any columns of numbers, text, booleans and lists of numbers.
        header: Whether the first line names the columns.

    Source: OWASP, CSV injection.
    """
    columns = [_printable(column) for column in table.columns]
    names = harmless(pa.chunked_array([pa.array(table.column_names, pa.string())])).to_pylist()
    buffer = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=header)
    pyarrow.csv.write_csv(pa.Table.from_arrays(columns, names=names), buffer, options)
    return buffer.getvalue()


def harmless(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with an apostrophe before what would be a formula."""
    risky = pc.and_(pc.match_substring_regex(text, _FORMULA), pc.invert(pc.match_substring_regex(text, _NUMBER)))
    return pc.if_else(risky, pc.binary_join_element_wise("'", text, ""), text)


def _printable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _printable(column.cast(kind.value_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        joined = pc.binary_join(column.cast(pa.list_(pa.string())), ",")
        return pc.binary_join_element_wise("[", joined, "]", "")
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column
    return harmless(column.cast(pa.string()))
