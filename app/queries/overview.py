"""What only the Overview asks: the worst clusters with their pictures."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.queries import examples, passing, runs
from app.queries.passing import EVERY, Filter
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
def worst_clusters(
    key: RunKey, where: Filter = EVERY, *, count: int = 4, pictures: int = 12
) -> tuple[ClusterCard, ...]:
    """The clusters with the most excess errors, worst first; of each the wrong samples with the largest loss.

    `where` is a filter that the pictures pass; the numbers are those of all samples.
    """
    table = runs.clusters(key)
    if table.empty:
        return ()
    table = table[table["excess_low"] > 0].head(count)
    return tuple(_card(key, row, where, pictures) for row in table.to_dict("records"))


def _card(key: RunKey, row: dict[str, object], where: Filter, pictures: int) -> ClusterCard:
    repaired, names, chosen = examples.has_repaired(key), runs.class_names(key), passing.mask(key, where)
    inside = np.flatnonzero(runs.column(key, "cluster") == row["cluster"])
    wrong = inside[~examples.correct(key, repaired=repaired)[inside]]
    if chosen is not None:
        wrong = wrong[chosen[wrong]]
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
