"""Pairs of samples side by side: copies, conflicting labels."""

from html import escape

import pandas as pd
import streamlit as st

from analysis.arrays import AnyArray
from app import state
from app.queries import runs
from app.queries.runs import RunKey

PAIRS = 16
_SIDE = 96


def is_pairs(table: pd.DataFrame) -> bool:
    """Whether a table's rows are pairs of this run's samples."""
    return {"sample_id", "other"} <= set(table.columns) and all(
        pd.api.types.is_integer_dtype(table[column]) for column in ("sample_id", "other")
    )


def pair_gallery(run: RunKey, table: pd.DataFrame) -> None:
    """Draw the first pairs of a table, each picture with its label; a pair of unlike labels says so in words.

    Args:
        run: The run.
        table: `sample_id`, `other`; `kind` (exact | near) and `similarity` (0..1) are told where they are there.
    """
    size = runs.size(run)
    known = table[table["sample_id"].between(0, size - 1) & table["other"].between(0, size - 1)]
    if known.empty:
        return
    label = runs.column(run, "label")
    st.caption(f"{min(PAIRS, len(known)):,} of {len(known):,} pairs, each picture with its label")
    cells = "".join(_pair(run, row, label) for row in known.head(PAIRS).to_dict("records"))
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:10px">{cells}</div>')


def _pair(run: RunKey, row: dict[str, object], label: AnyArray) -> str:
    first, second = int(str(row["sample_id"])), int(str(row["other"]))
    return (
        '<div style="padding:6px;border:1px solid rgba(128,128,128,.25);border-radius:8px">'
        f'<div style="display:flex;gap:4px">{_side(run, first, label)}{_side(run, second, label)}</div>'
        f'<span style="font-size:.72rem;opacity:.8">{escape(_alike(row, label[first] != label[second]))}</span></div>'
    )


def _alike(row: dict[str, object], differ: bool) -> str:
    kind = {"exact": "the same picture", "near": "nearly the same"}.get(str(row.get("kind")), "")
    similarity = row.get("similarity")
    if isinstance(similarity, float) and kind != "the same picture":
        kind = f"{kind} ({100 * similarity:.0f} % alike)".strip()
    return ", ".join(part for part in (kind, "labels differ" if differ else "") if part)


def _side(run: RunKey, sample_id: int, label: AnyArray) -> str:
    words = escape(str(label[sample_id]))
    return (
        f'<a href="{escape(state.href("examples", run.id, sample=sample_id))}" target="_self" title="{words}" '
        f'style="width:{_SIDE}px;text-decoration:none;color:inherit"><img loading="lazy" width="{_SIDE}" '
        f'height="{_SIDE}" alt="{words}" src="{escape(state.thumbnail_url(run, sample_id))}" '
        'style="object-fit:contain;border-radius:6px;background:rgba(128,128,128,.15);display:block">'
        '<span style="display:block;font-size:.72rem;line-height:1.3;overflow:hidden;text-overflow:ellipsis;'
        f'white-space:nowrap">{words}</span></a>'
    )
