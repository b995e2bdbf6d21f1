"""Training pictures beside one sample: its copies, and the nearest ones where the training set was embedded."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from analysis.errors import AnalysisError
from app import state
from app.queries import duplicates, pools
from app.queries.runs import RunKey
from app.widgets.find_more_link import find_more_link
from app.widgets.text import escape_markdown

NEAREST = 8
_TRAINING = "training"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    source: str
    label: str
    below: str
    title: str


def training_neighbours(key: RunKey, sample_id: int) -> None:
    """Draw them, or say which input or step is missing."""
    st.subheader("In the training set", help="Pictures that the model learned from, and the labels they had there.")
    copies = _copies(key, sample_id)
    if copies:
        st.caption("The same picture is in the training set:")
        _strip(copies)
    near, missing = _nearest(key, sample_id)
    if near:
        st.caption("Nearest in embedding space:")
        _strip(near)
    elif missing:
        st.caption(missing)
        if pools.is_named(key, _TRAINING):
            find_more_link(ids=str(sample_id))


def _copies(key: RunKey, sample_id: int) -> list[_Beside]:
    found = duplicates.all_pairs(key, duplicates.TRAINING)
    if found is None or found.empty:
        return []
    return [
        _Beside(
            source=state.training_picture_url(key, int(row.row)),
            label=str(row.train_label),
            below=f"{row.kind} copy",
            title=str(row.train_filepath),
        )
        for row in found[found["sample_id"] == sample_id].itertuples()
    ]


def _nearest(key: RunKey, sample_id: int) -> tuple[list[_Beside], str]:
    """The nearest ones, or why there are none."""
    if not pools.is_named(key, _TRAINING):
        return [], "This run names no training set (`data.train`), so what the model learned from cannot be shown."
    try:
        pool = pools.pool(key, _TRAINING)
        if pool is None:
            return [], "The training set has not been embedded yet; the page below does that once for all samples."
        found = pools.found(key, _TRAINING, {"ids": str(sample_id)}, NEAREST, diverse=False)
    except AnalysisError as error:
        return [], escape_markdown(error)
    version = str(pool.facts["key"])
    return [
        _Beside(
            source=state.pool_picture_url(key, _TRAINING, int(row.row), version),
            label=str(row.label),
            below=f"{row.similarity:.2f}",
            title=str(row.filepath),
        )
        for row in found.itertuples()
    ], "Nothing in the training set lies near."


def _strip(pictures: list[_Beside], size: int = 104) -> None:
    cells = "".join(
        f'<figure style="width:{size}px;margin:0" title="{escape(one.title)}">'
        f'<img loading="lazy" width="{size}" height="{size}" alt="{escape(one.label)}" src="{escape(one.source)}" '
        'style="object-fit:contain;border-radius:6px;background:rgba(128,128,128,.15);display:block">'
        '<figcaption style="font-size:.76rem;line-height:1.35;overflow:hidden;text-overflow:ellipsis;'
        f'white-space:nowrap">{escape(one.label)}<br><span style="opacity:.75">{escape(one.below)}</span></figcaption>'
        "</figure>"
        for one in pictures
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:8px">{cells}</div>')
