"""Which class belongs to which larger group, and that to which: a CSV or JSON file of class → parent."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.errors import ClassListError
from analysis.spec.text_file import read_text

COLUMNS = (("class", "name", "child"), ("parent", "group", "superclass"))
DEEPEST = 16
SHOWN = 5

Levels = tuple[tuple[str | None, ...], ...]
"""From the nearest ancestor on: for each of C classes the name of its group, None where it has none there."""


def read_hierarchy(path: Path) -> dict[str, str]:
    """Read the parent of every class; a parent may have a parent itself.

    Args:
        path: JSON {class: parent}, or CSV with the columns `class` (also name, child) and `parent` (also group,
            superclass); UTF-8.

    Returns:
        Parent by name; never a circle, at most sixteen levels.

    Raises:
        ClassListError: If the file cannot be read, or gives a class two parents or itself as an ancestor.
    """
    text = read_text(path, what="hierarchy", error=ClassListError)
    pairs = _of_json(text, path) if path.suffix.lower() == ".json" else _of_csv(text, path)
    if not pairs:
        raise ClassListError(f"The hierarchy {path} is empty; expected one class and its parent a row.")
    wrong = [f"{child!r}: {parent!r}" for child, parent in pairs if not _is_name(child) or not _is_name(parent)]
    if wrong:
        raise ClassListError(
            f"The hierarchy {path} has {len(wrong):,} entries that are no pair of names: {_listed(wrong)}."
        )
    names = [(str(child).strip(), str(parent).strip()) for child, parent in pairs]
    several = [child for child, count in Counter(child for child, _ in dict.fromkeys(names)).items() if count > 1]
    if several:
        raise ClassListError(
            f"The hierarchy {path} gives {len(several):,} classes several parents: {_listed(several)}."
        )
    return _without_circles(dict(names), path)


def levels_of(parents: Mapping[str, str], names: Sequence[str]) -> Levels:
    """The groups of C classes, level by level; empty where no class has a parent.

    Args:
        parents: As `read_hierarchy` gives it.
        names: (C,) class names in index order.
    """
    levels, now = [], [parents.get(name) for name in names]
    while any(name is not None for name in now):
        levels.append(tuple(now))
        now = [None if name is None else parents.get(name) for name in now]
    return tuple(levels)


def hierarchy_notices(parents: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    """What a person should know of how a hierarchy fits a class list, one sentence each."""
    without = [name for name in names if name not in parents]
    if len(without) == len(names):
        return ("None of the classes stands in the hierarchy, so it is not used. Check its names against the list.",)
    known = {*names, *parents.values()}
    strangers = [name for name in parents if name not in known]
    notices = []
    if without:
        notices.append(
            f"{len(without):,} of {len(names):,} classes have no parent in the hierarchy: {_listed(without)}."
        )
    if strangers:
        notices.append(f"{len(strangers):,} names in the hierarchy are no class: {_listed(strangers)}.")
    return tuple(notices)


def _of_json(text: str, path: Path) -> list[tuple[object, object]]:
    try:
        content = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise ClassListError(f"The hierarchy {path} is not valid JSON: {error}.") from None
    if not isinstance(content, list) or not all(isinstance(pair, tuple) for pair in content):
        raise ClassListError(f"The hierarchy {path} is no JSON object; expected {{class: parent}}.")
    return content


def _of_csv(text: str, path: Path) -> list[tuple[object, object]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise ClassListError(f"The hierarchy {path} is not valid CSV: {error}.") from None
    header = [name.strip().casefold() for name in rows[0]] if rows else []
    places = [next((header.index(alias) for alias in aliases if alias in header), None) for aliases in COLUMNS]
    child, parent = places
    if child is None or parent is None:
        raise ClassListError(
            f"The hierarchy {path} needs the columns 'class' and 'parent' in its first line; found "
            f"{_listed([repr(name) for name in header]) or 'nothing'}."
        )
    short = [number for number, row in enumerate(rows, start=1) if len(row) != len(header)]
    if short:
        raise ClassListError(
            f"The hierarchy {path} has rows with more or fewer values than its header: row {_listed(short)}. A "
            "name that holds a comma has to stand in double quotes."
        )
    return [(row[child], row[parent]) for row in rows[1:]]


def _without_circles(parents: dict[str, str], path: Path) -> dict[str, str]:
    settled: set[str] = set()
    for start in parents:
        way, name = [start], parents.get(start)
        while name is not None and name not in settled:
            if name in way:
                circle = " → ".join([*way[way.index(name) :], name][: SHOWN + 1])
                raise ClassListError(f"The hierarchy {path} goes round in a circle: {circle}.")
            way.append(name)
            name = parents.get(name)
        settled.update(way)
    deepest = max(_depth(parents, name) for name in parents)
    if deepest > DEEPEST:
        raise ClassListError(f"The hierarchy {path} has {deepest} levels; at most {DEEPEST} can be shown.")
    return parents


def _depth(parents: Mapping[str, str], name: str) -> int:
    depth = 0
    while name in parents and depth <= DEEPEST + 1:
        name, depth = parents[name], depth + 1
    return depth


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value)[:80] for value in values[:SHOWN]) + (", …" if len(values) > SHOWN else "")
