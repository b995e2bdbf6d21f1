"""Pictures of samples in the gallery component: label, prediction, a number in the corner; a click opens the drawer."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from analysis.arrays import IntArray
from app import state
from app.components.gallery import Tagging, Tile, gallery
from app.queries import examples, runs, triage
from app.queries.class_search import class_name
from app.queries.runs import RunKey

SAMPLE = "sample"  # the plain parameter that names the opened sample
BADGES = {
    "loss": "loss {:.2f}",
    "label_quality": "quality {:.2f}",
    "entropy": "entropy {:.2f}",
    "margin": "margin {:+.1f}",
    "confidence": "{:.0%}",
}


def sample_gallery(
    key: RunKey,
    ids: IntArray | Sequence[int],
    *,
    name: str,
    label: str,
    badge: str = "loss",
    badges: Sequence[str] | None = None,
    repaired: bool = False,
    size: int = 132,
    tagging: Tagging | None = None,
) -> None:
    """Draw the pictures of some samples.

    Args:
        key: The run.
        ids: Sample ids, at most about 100.
        name: Key of the gallery on its page.
        label: What it shows, for screen readers.
        badge: Column whose value stands in the corner; one of `BADGES`.
        badges: Texts for the corner instead.
        repaired: Show predictions after the supported fixes.
        size: Smallest width of a tile in pixels.
        tagging: What the digit keys do (`widgets.triage.tagging`); None where they do nothing.
    """
    tags = triage.tags(key)
    texts = badges if badges is not None else [_badge(key, int(i), badge) for i in ids]
    tiles = [_tile(key, int(i), text, repaired, tags.get(int(i), "")) for i, text in zip(ids, texts, strict=True)]
    selected = state.link_int(SAMPLE)
    gallery(tiles, key=name, label=label, on_open=open_sample, selected=selected, size=size, tagging=tagging)


def open_sample(sample_id: int) -> None:
    """Put a sample into the URL; the page's drawer then shows it."""
    st.query_params[SAMPLE] = str(sample_id)


def _badge(key: RunKey, sample_id: int, column: str) -> str:
    value = float(runs.column(key, column)[sample_id])
    return BADGES[column].format(value) if np.isfinite(value) else ""


def _tile(key: RunKey, sample_id: int, badge: str, repaired: bool, tag: str) -> Tile:
    right = bool(examples.correct(key, repaired=repaired)[sample_id])
    prediction = class_name(key, int(examples.predictions(key, repaired=repaired)[sample_id]))
    return Tile(
        sample_id=sample_id,
        source=state.thumbnail_url(key, sample_id),
        title=str(runs.column(key, "label")[sample_id]),
        subtitle="" if right else f"→ {prediction}",
        badge=badge,
        correct=right,
        tag=tag,
    )
