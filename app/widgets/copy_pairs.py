"""Copies side by side: pairs of validation pictures, pairs with a training picture, and whole groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from analysis.arrays import IntArray
from app import state
from app.charts import palette
from app.queries import runs
from app.queries.runs import RunKey

_SIDE = 128
GROUP_SHOWN = 8  # pictures of one group


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One picture of a card: where it is, its label, what is said below, and where a click leads."""

    source: str
    label: str
    below: str
    colour: str = ""
    link: str = ""


def copy_pairs(key: RunKey, pairs: pd.DataFrame) -> None:
    """Draw one card a pair.

    Args:
        key: The run.
        pairs: Rows of `queries.duplicates.pairs`, at most about 50.
    """
    cards = []
    for row in pairs.to_dict("records"):
        other = _training(key, row) if "row" in row else _sample(key, int(row["other"]))
        cards.append(_card([_sample(key, int(row["sample_id"])), other], _words(row), differ=bool(row["differ"])))
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:12px">{"".join(cards)}</div>')


def copy_groups(key: RunKey, groups: Sequence[IntArray]) -> None:
    """Draw one card a group of copies, its first pictures side by side.

    Args:
        key: The run.
        groups: Sample ids of each group, at most about 25 groups.
    """
    label = runs.column(key, "label")
    cards = []
    for group in groups:
        names = {str(label[i]) for i in group}
        more = f", {len(group) - GROUP_SHOWN} more not shown" if len(group) > GROUP_SHOWN else ""
        sides = [_sample(key, int(i)) for i in group[:GROUP_SHOWN]]
        cards.append(_card(sides, f"{len(group)} times the same picture{more}", differ=len(names) > 1))
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:12px">{"".join(cards)}</div>')


def _sample(key: RunKey, sample_id: int) -> _Side:
    right = bool(runs.column(key, "correct")[sample_id])
    here = {name: value for name, value in st.query_params.items() if name not in (state.RUN, "sample")}
    return _Side(
        source=state.thumbnail_url(key, sample_id),
        label=str(runs.column(key, "label")[sample_id]),
        below="✓ correct" if right else f"✗ {runs.column(key, 'prediction')[sample_id]}",
        colour=palette.CORRECT if right else palette.ERROR,
        link=state.href("duplicates", key.id, **here, sample=sample_id),
    )


def _training(key: RunKey, row: dict[str, Any]) -> _Side:
    return _Side(
        source=state.training_picture_url(key, int(row["row"])),
        label=str(row["train_label"]),
        below="in the training set",
    )


def _words(row: dict[str, Any]) -> str:
    return "byte for byte the same" if row["kind"] == "exact" else f"{100 * float(row['similarity']):.0f} % alike"


def _card(sides: Sequence[_Side], words: str, *, differ: bool) -> str:
    mark = f'<b style="color:{palette.ERROR}">≠ labels differ</b> · ' if differ else ""
    pictures = "".join(_figure(side) for side in sides)
    return (
        '<div style="padding:8px;border:1px solid rgba(128,128,128,.28);border-radius:10px">'
        f'<div style="display:flex;flex-wrap:wrap;gap:6px">{pictures}</div>'
        f'<div style="font-size:.78rem;margin-top:4px">{mark}<span style="opacity:.8">{escape(words)}</span></div>'
        "</div>"
    )


def _figure(side: _Side) -> str:
    label, below = escape(side.label), escape(side.below)
    colour = f"color:{side.colour}" if side.colour else "opacity:.75"
    line = "overflow:hidden;text-overflow:ellipsis;white-space:nowrap;display:block;line-height:1.3"
    content = (
        f'<img loading="lazy" width="{_SIDE}" height="{_SIDE}" alt="{label}, {below}" src="{escape(side.source)}" '
        'style="object-fit:contain;border-radius:6px;background:rgba(128,128,128,.15);display:block">'
        f'<span style="font-size:.8rem;{line}">{label}</span>'
        f'<span style="font-size:.75rem;{line};{colour}">{below}</span>'
    )
    box = f'style="width:{_SIDE}px;text-decoration:none;color:inherit" title="{label}, {below}"'
    if not side.link:
        return f"<div {box}>{content}</div>"
    return f'<a {box} href="{escape(side.link)}" target="_self">{content}</a>'
