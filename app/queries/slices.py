"""Slices of a run: those that the search found, and those that people saved; both with the same numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import IntArray
from analysis.expressions.error import ExpressionError
from analysis.reports.class_adjusted import ClassAdjusted, Excess
from app.queries import examples, filters, investigations, runs
from app.queries.investigations import Item, StoreError
from app.queries.runs import RunKey

KIND = "slice"
NAME_CHARACTERS = 80
TEXT_CHARACTERS = 8_000  # what the filter box takes
_SEARCH = "metadata_slice"  # the hypothesis whose evidence holds what was searched
COLUMNS = (
    "slice", "name", "size", "errors", "error_rate", "expected", "lift", "excess", "low", "high", "p", "holds",
    "held_out", "error",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was searched.

    Attributes:
        columns: of metadata that make groups. left_out: those that do not, with the reason (`column`, `reason`).
        pictures: whether how pictures look was searched, too.
    """

    columns: int
    left_out: pd.DataFrame
    pictures: bool


def searched(key: RunKey) -> Searched | None:
    """What the search looked at; None before the diagnosis, or where there was nothing to look at."""
    columns = runs.evidence_tables(key, _SEARCH).get("columns")
    pictures = runs.picture_slices(key) is not None
    if columns is None:
        nothing = pd.DataFrame({"column": [], "reason": []})
        return Searched(columns=0, left_out=nothing, pictures=True) if pictures else None
    out = columns[columns["left_out_because"] != ""]
    reasons = out[["column", "left_out_because"]].rename(columns={"left_out_because": "reason"})
    return Searched(columns=len(columns) - len(out), left_out=reasons, pictures=pictures)


def saved(key: RunKey) -> list[Item]:
    """Own slices, by name; the value of each has its expression under `where`.

    Raises:
        StoreError: If they cannot be read.
    """
    return investigations.items(key, KIND)


def failing(key: RunKey) -> list[str]:
    """The slices that the search confirmed, as expressions: those by metadata first, then by how pictures look."""
    return [str(text) for found in _suggested(key) for text in found.loc[found["failing"].astype(bool), "slice"]]


def _suggested(key: RunKey) -> list[pd.DataFrame]:
    """What one half suggested, by metadata and by how pictures look."""
    found = (runs.evidence_tables(key, _SEARCH).get("slices"), runs.picture_slices(key))
    return [one for one in found if one is not None]


def table(key: RunKey) -> pd.DataFrame:
    """One row a slice, columns `COLUMNS`: those that fail for certain first, then by the lower bound of the excess.

    `name` is empty for slices that were found. Sizes, errors and the excess with its 95 % interval (`low`, `high`) are
    those of all samples. `p` is adjusted: of found slices it is that of the other half, of own ones that of all samples
    times the number of own ones. `held_out`: excess on the other half in words, empty for own slices. `holds`: found on
    one half and confirmed on the other; for own slices p ≤ 0.05 and errors a quarter above the expected for certain.

    Raises:
        StoreError: If own slices cannot be read.
    """
    rows = [_found(key, row) for found in _suggested(key) for row in found.itertuples(index=False)]
    own = saved(key)
    rows += [_own(key, item, of=len(own)) for item in own]
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    return made.sort_values(["holds", "low"], ascending=False, kind="stable", ignore_index=True)


def judge(key: RunKey, text: str) -> Excess:
    """The samples of an expression against the same classes elsewhere, judged after the supported fixes.

    Raises:
        ExpressionError: If it cannot be read or does not fit the run's columns.
    """
    found = filters.answer(key, text.strip())
    if found.error is not None:
        raise found.error
    mask = np.ones(found.total, dtype=np.bool_) if found.mask is None else found.mask
    return _adjusted(key).excess(mask)


def members(key: RunKey, text: str) -> IntArray:
    """Ids of a slice's samples: wrong ones first, then by loss, largest first.

    Raises:
        ExpressionError: If the expression cannot be read.
    """
    ids = filters.passing(key, text)
    loss = np.nan_to_num(runs.column(key, "loss")[ids], nan=-np.inf)
    return ids[np.lexsort((-loss, examples.correct(key, repaired=examples.has_repaired(key))[ids]))]


def save(key: RunKey, name: str, text: str) -> None:
    """Keep an expression under a name of 1 to `NAME_CHARACTERS` characters; spaces around it do not count.

    Raises:
        StoreError: If the name is empty, too long or that of another slice, the expression is too long for the filter
            box, it cannot be saved, or the person may only look.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_CHARACTERS:
        raise StoreError(f"Give the slice a name of 1 to {NAME_CHARACTERS} characters.")
    if len(text) > TEXT_CHARACTERS:
        raise StoreError(
            "This takes too much to describe as an expression. Draw a simpler outline, or save it as a view."
        )
    there = investigations.item(key, KIND, name)
    if there is None:
        investigations.put(key, KIND, name, {"where": text}, expected=0)
    elif there.value.get("where") != text:
        raise StoreError(f"There is a slice “{name}” already, saved by {there.author}. Choose another name.")


def forget(key: RunKey, name: str) -> None:
    """Delete an own slice.

    Raises:
        StoreError: If it cannot be deleted, or the person may only look.
    """
    there = investigations.item(key, KIND, name)
    if there is not None:
        investigations.put(key, KIND, name, None, expected=there.version)


@st.cache_resource(max_entries=4, show_spinner=False)
def _adjusted(key: RunKey) -> ClassAdjusted:
    wrong = ~examples.correct(key, repaired=examples.has_repaired(key))
    return ClassAdjusted(runs.column(key, "label_index"), wrong)


def _found(key: RunKey, row: Any) -> dict[str, object]:
    held = f"{row.held_out_excess:+.1f} ({row.excess_low:.1f} to {row.excess_high:.1f})"
    known = {"slice": row.slice, "name": "", "p": row.p_adjusted, "holds": bool(row.failing), "held_out": held}
    try:
        return known | _numbers(judge(key, str(row.slice))) | {"error": ""}
    except ExpressionError as error:
        return known | {"size": row.size, "errors": row.errors, "error": str(error)}


def _own(key: RunKey, item: Item, *, of: int) -> dict[str, object]:
    text = str(item.value.get("where", ""))
    known: dict[str, object] = {"slice": text, "name": item.subject, "held_out": ""}
    try:
        found = judge(key, text)
    except ExpressionError as error:
        return known | {"holds": False, "error": str(error)}
    p = min(1.0, found.p * of)
    return known | _numbers(found) | {"p": p, "holds": _fails(found, p), "error": ""}


def _fails(found: Excess, p: float) -> bool:
    return p <= 0.05 and found.low >= 0.25 * found.scale


def _numbers(found: Excess) -> dict[str, object]:
    return {
        "size": found.size,
        "errors": found.errors,
        "error_rate": found.errors / max(1, found.size),
        "expected": found.expected,
        "lift": found.errors / found.expected if found.expected > 0 else np.nan,
        "excess": found.excess,
        "low": found.low,
        "high": found.high,
    }
