"""The samples that a finding points at: a strip of pictures, or pairs side by side."""

import streamlit as st

from app import state
from app.findings import Finding
from app.queries import examples, runs
from app.queries.runs import RunKey
from app.widgets.pair_gallery import is_pairs, pair_gallery
from app.widgets.thumbnails import Picture, strip

PICTURES = 24


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
        if is_pairs(known):
            pair_gallery(run, known)
        else:
            _strip(run, known["sample_id"].head(PICTURES).tolist(), len(samples))


def _strip(run: RunKey, sample_ids: list[int], total: int) -> None:
    repaired = examples.has_repaired(run)
    predicted = examples.predictions(run, repaired=repaired)
    label, names = runs.column(run, "label"), runs.class_names(run)
    undone = " with the faults undone" if repaired else ""
    st.caption(f"The {len(sample_ids)} strongest of {total:,} samples that this points at: label → prediction{undone}")
    strip(run, [Picture(sample_id=i, caption=f"{label[i]} → {names[predicted[i]]}") for i in sample_ids], size=72)
