"""What only the Overview asks: the worst clusters with their pictures."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.queries import examples, runs
from app.queries.runs import RunKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCard:
    """One failure cluster: its numbers and the samples that show it best."""

    cluster: int
    name: str
    size: int
    errors: int
    error_rate: float
    excess_errors: float
    top_label: str
    top_prediction: str
    sample_ids: tuple[int, ...]
    labels: tuple[str, ...]
    predictions: tuple[str, ...]


@st.cache_resource(max_entries=32, show_spinner=False)
def worst_clusters(key: RunKey, count: int = 4, pictures: int = 12) -> tuple[ClusterCard, ...]:
    """The clusters with the most excess errors, worst first; of each the wrong samples with the largest loss."""
    table = runs.clusters(key)
    if table.empty:
        return ()
    table = table[table["excess_low"] > 0].head(count)
    names = runs.class_names(key)
    return tuple(_card(key, row, names, pictures) for row in table.to_dict("records"))


def _card(key: RunKey, row: dict[str, object], names: tuple[str, ...], pictures: int) -> ClusterCard:
    repaired = examples.has_repaired(key)
    inside = np.flatnonzero(runs.column(key, "cluster") == row["cluster"])
    wrong = inside[~examples.correct(key, repaired=repaired)[inside]]
    loss = np.nan_to_num(runs.column(key, "loss")[wrong], nan=np.inf)
    shown = wrong[np.argsort(-loss, kind="stable")][:pictures]
    predicted = examples.predictions(key, repaired=repaired)[shown]
    return ClusterCard(
        cluster=int(str(row["cluster"])),
        name=str(row["name"]),
        size=int(str(row["size"])),
        errors=int(str(row["errors"])),
        error_rate=float(str(row["error_rate"])),
        excess_errors=float(str(row["excess_errors"])),
        top_label=_text(row["top_label"]),
        top_prediction=_text(row["top_prediction"]),
        sample_ids=tuple(int(sample) for sample in shown),
        labels=tuple(str(label) for label in runs.column(key, "label")[shown]),
        predictions=tuple(names[index] for index in predicted),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
