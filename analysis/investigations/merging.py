"""Bringing two histories of the same run together, as of a run that was handed over and went on in two places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from analysis.investigations.item import Change
from analysis.investigations.schema import CHANGES
from analysis.investigations.step import Step
from analysis.investigations.values import encode

_Item = tuple[str, str]  # kind, subject
_Mark = tuple[str, str, str]  # step, kind, subject: a step changes an item once


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of it.

    Attributes:
        taken: Items that are now as they were elsewhere, (kind, subject).
        conflicts: Items that were changed on both sides: they stay as they are here, the others' words are in the
            history.
        changes: How many changes were new here.
    """

    taken: tuple[_Item, ...]
    conflicts: tuple[_Item, ...]
    changes: int


def merge(step: Step, changes: Sequence[Change]) -> Merged:
    """Write the changes that are not known here, and give items the values of those that go on from what is here."""
    coming = sorted(changes, key=lambda change: change.number)
    known, ours = _present(step)
    theirs = {_item(change): change for change in coming if not change.aside}  # the last one of each item
    lines = {_mark(change) for change in coming if not change.aside}
    taken: list[_Item] = []
    conflicts: list[_Item] = []
    for item, last in theirs.items():
        here = ours.get(item)
        if _mark(last) in known or (here is not None and here.value == encode(last.after)):
            continue  # known already, or the same by another way
        (taken if here is None or here.mark in lines else conflicts).append(item)
    rows = _rows(step, coming, known, frozenset(taken))
    step.write([_as_item(step, theirs[item], ours.get(item)) for item in taken], rows)
    return Merged(taken=tuple(taken), conflicts=tuple(conflicts), changes=len(rows))


class _Here(NamedTuple):
    """The last change of an item here."""

    mark: _Mark
    value: str | None
    version: int


def _present(step: Step) -> tuple[dict[_Mark, int], dict[_Item, _Here]]:
    """Number of every change that is here, and the last one of every item."""
    asked = select(CHANGES).where(CHANGES.c.run == step.run).order_by(CHANGES.c.number)
    known: dict[_Mark, int] = {}
    last: dict[_Item, _Here] = {}
    for row in step.connection.execute(asked):
        mark = (row.step, row.kind, row.subject)
        known[mark] = row.number
        if not row.aside:
            last[row.kind, row.subject] = _Here(mark, row.after, row.version)
    return known, last


def _rows(
    step: Step, coming: Sequence[Change], known: dict[_Mark, int], taken: frozenset[_Item]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    here: dict[int, int] = {}  # their numbers → ours
    for change in coming:
        number = known.get(_mark(change))
        if number is None:
            number = step.next_number()
            aside = int(change.aside or _item(change) not in taken)
            rows.append(
                {"run": step.run, "number": number, "step": change.step, "kind": change.kind,
                 "subject": change.subject, "before": encode(change.before), "after": encode(change.after),
                 "version": change.version, "author": change.author, "at": change.at, "aside": aside,
                 "undoes": None if change.undoes is None else here.get(change.undoes)}
            )  # fmt: skip
        here[change.number] = number
    return rows


def _as_item(step: Step, last: Change, here: _Here | None) -> dict[str, Any]:
    version = max(last.version, here.version + 1 if here else 1)  # never one that somebody here may have seen
    return {
        "run": step.run, "kind": last.kind, "subject": last.subject, "value": encode(last.after),
        "version": version, "author": last.author, "at": last.at,
    }  # fmt: skip


def _item(change: Change) -> _Item:
    return change.kind, change.subject


def _mark(change: Change) -> _Mark:
    return change.step, change.kind, change.subject
