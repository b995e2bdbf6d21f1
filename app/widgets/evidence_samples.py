"""The samples that a finding points at: a strip of pictures, or pairs side by side."""

import pandas as pd
import streamlit as st

from app import state
from app.findings import Finding
from app.queries import examples, runs
from app.queries.runs import RunKey
from app.widgets.downloads import csv_link
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
            csv_link(run, "evidence", "CSV", hint="The samples with what the test found of each", finding=finding.id)
            state.page_link("examples", "All in Examples", icon=":material/arrow_forward:", finding=finding.id)
        if any(is_pairs(table) for table in runs.evidence_tables(run, finding.id).values()):
            return  # shown above, side by side
        if is_pairs(known):
            pair_gallery(run, known)
        else:
            _strip(run, known, len(samples))


def _strip(run: RunKey, samples: pd.DataFrame, total: int) -> None:
    shown = samples.head(PICTURES)
    label = runs.column(run, "label")
    words, beneath = _beneath(run, shown)
    st.caption(f"The {len(shown)} strongest of {total:,} samples that this points at: {words}")
    pictures = zip(shown["sample_id"].tolist(), beneath, strict=True)
    strip(run, [Picture(sample_id=i, caption=f"{label[i]} → {text}") for i, text in pictures], size=72)


def _beneath(run: RunKey, shown: pd.DataFrame) -> tuple[str, list[str]]:
    """What stands behind the label under each picture, and how the caption calls it."""
    if "suggestion" in shown:
        return "label → the label it should rather have", [str(name) for name in shown["suggestion"]]
    if "train_label" in shown:
        return "label → label of the same picture in the training set", [str(name) for name in shown["train_label"]]
    repaired = examples.has_repaired(run)
    predicted, names = examples.predictions(run, repaired=repaired), runs.class_names(run)
    undone = " with the faults undone" if repaired else ""
    return f"label → prediction{undone}", [names[predicted[i]] for i in shown["sample_id"]]
