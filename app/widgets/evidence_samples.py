"""The samples that a finding points at: a strip of pictures, or pairs side by side."""

from html import escape

import pandas as pd
import streamlit as st

from app import state
from app.findings import Finding
from app.queries import examples, runs
from app.queries.runs import RunKey
from app.widgets.thumbnails import Picture, strip

PICTURES = 24
PAIRS = 12
_SIDE = 96


def evidence_samples(run: RunKey, finding: Finding) -> None:
    """Draw the strongest of them; nothing where the finding points at none."""
    samples = runs.evidence(run, finding.id)
    if samples is None or "sample_id" not in samples or not len(samples):
        return
    known = samples[samples["sample_id"].between(0, runs.size(run) - 1)]
    with st.container(border=True, gap="xsmall", key="samples"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("The pictures it points at", anchor=False)
            st.space("stretch")
            state.page_link("examples", "All in Examples", icon=":material/arrow_forward:", finding=finding.id)
        if "other" in known and known["other"].between(0, runs.size(run) - 1).any():
            _pairs(run, known[known["other"].between(0, runs.size(run) - 1)])
        else:
            _strip(run, known["sample_id"].head(PICTURES).tolist(), len(samples))


def _strip(run: RunKey, sample_ids: list[int], total: int) -> None:
    repaired = examples.has_repaired(run)
    predicted = examples.predictions(run, repaired=repaired)
    label, names = runs.column(run, "label"), runs.class_names(run)
    undone = " with the faults undone" if repaired else ""
    st.caption(f"The {len(sample_ids)} strongest of {total:,} samples that this points at: label → prediction{undone}")
    strip(run, [Picture(sample_id=i, caption=f"{label[i]} → {names[predicted[i]]}") for i in sample_ids], size=72)


def _pairs(run: RunKey, pairs: pd.DataFrame) -> None:
    label = runs.column(run, "label")
    st.caption(f"{min(PAIRS, len(pairs))} of {len(pairs):,} pairs, each picture with its label")
    cells = "".join(
        f'<div style="display:flex;gap:2px;padding:6px;border:1px solid rgba(128,128,128,.25);border-radius:8px">'
        f"{_side(run, int(row.sample_id), label)}{_side(run, int(row.other), label)}</div>"
        for row in pairs.head(PAIRS).itertuples()
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:10px">{cells}</div>')


def _side(run: RunKey, sample_id: int, label: object) -> str:
    words = escape(str(label[sample_id]))  # type: ignore[index]
    return (
        f'<a href="{escape(state.href("examples", run.id, sample=sample_id))}" target="_self" title="{words}" '
        f'style="width:{_SIDE}px;text-decoration:none;color:inherit"><img loading="lazy" width="{_SIDE}" '
        f'height="{_SIDE}" alt="{words}" src="{escape(state.thumbnail_url(run, sample_id))}" '
        'style="object-fit:contain;border-radius:6px;background:rgba(128,128,128,.15);display:block">'
        '<span style="display:block;font-size:.72rem;line-height:1.3;overflow:hidden;text-overflow:ellipsis;'
        f'white-space:nowrap">{words}</span></a>'
    )
