"""A training log, as many programs write it, read into one table; what cannot be read is said and never ends a run."""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.datasets.log_columns import is_accuracy, log_column, side_of
from analysis.errors import DatasetError
from analysis.spec.text_file import read_text

_SIDE_COLUMNS = frozenset({"split", "phase", "mode", "subset", "stage"})
_SHOWN = 3
_WORDS = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "infinity": math.inf}
_FRACTION = 1.5  # an accuracy above this is in per cent


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingLog:
    """What is left of a training.

    Attributes:
        table: one row an epoch or step, in the file's order: `line` (1 = first), then the columns of `log_column` as
            float64, accuracies as fractions 0..1, and `nonfinite`, how many values of the row were NaN or infinite in
            the file (a value that is not given is NaN as well, but not counted).
        notices: what could not be read, with line and reason.
    """

    table: pd.DataFrame
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: Mapping[str, object]


def read_training_log(path: Path) -> TrainingLog:
    """Read a log: CSV (comma, semicolon or tab), JSON lines, or one JSON list or object holding a list of rows.

    Nothing is raised: a log is a help, and a run goes on without it.

    Args:
        path: UTF-8 text.
    """
    try:
        text = read_text(path, what="training log", error=DatasetError)
    except DatasetError as error:
        return TrainingLog(table=pd.DataFrame(), notices=(f"{error} The run goes on without it.",))
    problems: list[str] = []
    is_json = text.lstrip()[:1] in ("{", "[")
    rows = list(_json_rows(text, problems) if is_json else _csv_rows(text, problems))
    table = _table(rows, problems)
    notices = [_told(path, problems)] if problems else []
    if not len(table):
        notices.append(f"The training log {path.name} has no row of numbers; expected one row an epoch or step.")
    return TrainingLog(table=table, notices=tuple(notices))


def _told(path: Path, problems: list[str]) -> str:
    shown = "; ".join(problems[:_SHOWN]) + ("; …" if len(problems) > _SHOWN else "")
    return f"Training log {path.name}: {len(problems):,} things could not be read ({shown})."


def _csv_rows(text: str, problems: list[str]) -> Iterator[_Row]:
    lines = text.splitlines()
    start = next((place for place, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if start == len(lines):
        return
    delimiter = max(",;\t", key=lines[start].count)
    reader = csv.reader(lines[start:], delimiter=delimiter)
    header = [name.strip() for name in next(reader)]
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(f"line {start + reader.line_num}: {error}")
            continue
        if not any(value.strip() for value in values):
            continue
        line = start + reader.line_num
        if [value.strip() for value in values] == header:
            continue  # a second start wrote its header again
        if len(values) != len(header):
            problems.append(f"line {line}: {len(values)} values where the header has {len(header)} columns")
            continue
        if delimiter == ";":
            values = [value.replace(",", ".") for value in values]
        yield _Row(line, dict(zip(header, values, strict=True)))


def _json_rows(text: str, problems: list[str]) -> Iterator[_Row]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        yield from _json_lines(text, problems)
        return
    if isinstance(content, dict):
        lists = [v for v in content.values() if isinstance(v, list) and v and all(isinstance(r, dict) for r in v)]
        columns = {k: v for k, v in content.items() if isinstance(v, list) and not any(isinstance(r, dict) for r in v)}
        if not lists and columns:
            content = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=False)]
        else:
            content = max(lists, key=len) if lists else [content]
    for number, row in enumerate(content, start=1):
        if isinstance(row, dict):
            yield _Row(number, _flat(row))
        else:
            problems.append(f"entry {number}: {str(row)[:40]!r} where an object was expected")


def _json_lines(text: str, problems: list[str]) -> Iterator[_Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(f"line {number}: no JSON ({error})")
            continue
        if isinstance(row, dict):
            yield _Row(number, _flat(row))
        else:
            problems.append(f"line {number}: {line.strip()[:40]!r} where an object was expected")


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, dict) and len(prefix) < 200:
            flat |= _flat(value, f"{prefix}{name}_")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _table(rows: list[_Row], problems: list[str]) -> pd.DataFrame:
    """Numbers under common names; of columns that get the same name, the first value given counts."""
    table: dict[str, list[float]] = {}
    lines, nonfinite = list[int](), list[int]()
    in_percent = set[str]()
    names: dict[tuple[str, str | None], str] = {}
    for row in rows:
        side = _side(row.values)
        found: dict[str, float] = {}
        odd = 0
        for given, text in row.values.items():
            number, percent = _number(text)
            if number is None:
                if isinstance(text, str) and text.strip() and side_of(text) is None and _is_metric(given):
                    problems.append(f"line {row.line}: {given} is {text.strip()[:40]!r}, no number")
                continue
            if (given, side) not in names:
                names[given, side] = log_column(given, side)
            name = names[given, side]
            if name in found and math.isfinite(found[name]):
                continue
            found[name] = number
            odd += not math.isfinite(number)
            if percent:
                in_percent.add(name)
        if found:
            for name in found:
                table.setdefault(name, [math.nan] * len(lines))
            lines.append(row.line)
            nonfinite.append(odd)
            for name, column in table.items():
                column.append(found.get(name, math.nan))
    frame = pd.DataFrame({"line": np.array(lines, dtype=np.int64), **_as_fractions(_sided(table), in_percent)})
    frame["nonfinite"] = np.array(nonfinite, dtype=np.int64)
    return frame


def _side(values: Mapping[str, object]) -> str | None:
    for name, value in values.items():
        if name.strip().lower() in _SIDE_COLUMNS and isinstance(value, str):
            return side_of(value)
    return None


def _is_metric(name: str) -> bool:
    return any(word in ("loss", "accuracy", "rate") for word in log_column(name).split("_"))


def _number(value: object) -> tuple[float | None, bool]:
    """The number, and whether it is said to be in per cent."""
    if isinstance(value, bool) or value is None:
        return None, False
    if isinstance(value, int | float):
        return float(value), False
    text = str(value).strip().lower()
    percent = text.endswith("%")
    text = text.rstrip("% ")
    try:
        return _WORDS[text] if text in _WORDS else float(text), percent
    except ValueError:
        return None, False


def _sided(table: dict[str, list[float]]) -> dict[str, list[float]]:
    """`loss` beside `val_loss` is the training's, as in Keras; alone it stays what it was called."""
    renamed: dict[str, list[float]] = {}
    for name, column in table.items():
        ours = name in ("loss", "accuracy") and f"val_{name}" in table and f"train_{name}" not in table
        renamed[f"train_{name}" if ours else name] = column
    return renamed


def _as_fractions(table: dict[str, list[float]], in_percent: set[str]) -> dict[str, Any]:
    """Accuracies of one log are all in per cent or all fractions: one above 1.5 tells."""
    columns = {name: np.array(values, dtype=np.float64) for name, values in table.items()}
    shares = [name for name in columns if is_accuracy(name)]
    largest = max((float(np.nanmax(columns[n], initial=0.0)) for n in shares), default=0.0)
    for name in shares:
        if largest > _FRACTION or name in in_percent:
            columns[name] = columns[name] / 100
    return columns
