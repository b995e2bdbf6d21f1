"""The rows of a CSV manifest, with line numbers for what is wrong."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from analysis.datasets.dataset import Problem
from analysis.errors import DatasetError

LEADING_ZERO = re.compile(r"[+-]?0\d")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
LONGEST_FIELD = 1_000_000


def read_csv_rows(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a CSV file as text; columns that are numbers throughout become numbers, labels and paths stay text.

    Args:
        path: UTF-8, comma separated, first line the column names; a byte order mark is accepted.

    Returns:
        The complete rows, and a problem for each row that has fewer values than there are columns.

    Raises:
        DatasetError: Unreadable, empty, not UTF-8, or structurally broken (with the line).
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _parse(stream, path)
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{str(path)!r} is not UTF-8: byte {error.object[error.start]:#04x} {_line_of_bad_byte(path)}. "
            "Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
        ) from error
    except OSError as error:
        raise DatasetError(f"{str(path)!r} cannot be read: {error.strerror}.") from error


def _parse(stream: TextIO, path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(stream, strict=True)
    rows = _numbered_rows(reader, path)
    header = [name.strip() for name in next(rows, (0, []))[1]]
    _check_header(header, path)
    complete: list[list[str]] = []
    problems: list[Problem] = []
    for line, row in rows:
        if len(row) > len(header):
            raise DatasetError(
                f"{str(path)!r}, line {line}: {len(row)} values where the header has {len(header)} columns. "
                "A value that holds a comma has to stand in double quotes."
            )
        if len(row) < len(header):
            reason = f"line {line}: {len(row)} values where the header has {len(header)} columns"
            problems.append(Problem(filepath=row[0], reason=reason))
        else:
            complete.append(row)
    return _frame(complete, header), problems


def _numbered_rows(reader: Iterator[list[str]], path: Path) -> Iterator[tuple[int, list[str]]]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = getattr(reader, "line_num", 0)
            raise DatasetError(f"{str(path)!r}, line {line}: broken CSV ({error}). Check the double quotes.") from error
        if row:
            yield getattr(reader, "line_num", 0), row


def _check_header(header: list[str], path: Path) -> None:
    if not any(header):
        raise DatasetError(f"{str(path)!r} is empty: expected a header with filepath and label, then one row a sample.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DatasetError(f"{str(path)!r} has columns of the same name: {', '.join(map(repr, twice))}. Rename them.")


def _frame(rows: list[list[str]], header: list[str]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in zip(header, columns, strict=True)})


def numbers_where_possible(texts: pd.DataFrame) -> pd.DataFrame:
    """Turn text columns that hold only numbers or nothing into numbers, empty values into nulls.

    A column with a leading zero ("007") is an identifier and stays text.
    """
    return pd.DataFrame({name: _as_numbers(column) for name, column in texts.items()}, index=texts.index)


def _as_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if column.dtype != object or not all(isinstance(value, str) for value in column):
        return column
    if not all(not text or (NUMBER.fullmatch(text) and not LEADING_ZERO.match(text)) for text in column):
        return column
    numbers = pd.to_numeric(column.where(column != "", None))
    return numbers if len(numbers.dropna()) else column


def _line_of_bad_byte(path: Path) -> str:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f"in line {number}"
    return "in the file"
