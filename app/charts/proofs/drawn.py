"""Which picture a table of a finding becomes; tables without one are shown as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from app.charts.proofs.buckets import buckets
from app.charts.proofs.cells import cells
from app.charts.proofs.layers import layers
from app.charts.proofs.offsets import offsets
from app.charts.proofs.reliability import reliability
from app.charts.proofs.rows import rows
from app.charts.proofs.slices import slices
from app.charts.proofs.sources import sources
from app.charts.proofs.sweep import sweep
from app.charts.proofs.variants import variants


@dataclass(frozen=True, slots=True)
class Kind:
    """What a table of one name shows, in words, and how it is drawn."""

    title: str
    draw: Callable[[pd.DataFrame], go.Figure | None] | None = None
    draw_dark: Callable[[pd.DataFrame], go.Figure | None] | None = None  # where a dark page needs other colours


KINDS: Mapping[str, Kind] = {
    "sweep": Kind("Accuracy as the correction is turned up and down", sweep),
    "layers": Kind("Layer by layer", layers),
    "reliability": Kind("Confidence against right answers", reliability),
    "buckets": Kind("Classes by how many training pictures they had", buckets),
    "variants": Kind("The same pictures, asked in other ways", variants),
    "slices": Kind("Slices and what was to be expected of them", slices),
    "looks": Kind("Groups found by how their pictures look"),
    "sources": Kind("Sources of pictures", sources),
    "offsets": Kind("How far answers lie from their labels", offsets),
    "moves": Kind("Which outputs answer for which classes"),
    "pairs": Kind("Pairs"),
    "rows": Kind("Rows of the head", rows),
    "strata": Kind("Kinds of files"),
    "tags": Kind("Classes that are told apart wrongly"),
    "metrics": Kind("Ways to compute the metric"),
    "orders": Kind("Ways to sort the class names"),
    "stretches": Kind("Stretches of the manifest"),
    "columns": Kind("Metadata columns that were searched", sources),
    "cells": Kind("Classes with each value", cells, partial(cells, dark=True)),
    "families": Kind("Families of classes that are taken for one another"),
}


def title_of(name: str) -> str:
    """What a table shows, in words; an unknown name made readable."""
    return KINDS[name].title if name in KINDS else name.replace("_", " ").capitalize()


def drawn(name: str, table: pd.DataFrame, *, dark: bool = False) -> go.Figure | None:
    """The figure of a table, or None where it is better read as a table (or lacks the columns of its kind)."""
    kind = KINDS.get(name)
    if kind is None or kind.draw is None or table.empty:
        return None
    return kind.draw_dark(table) if dark and kind.draw_dark is not None else kind.draw(table)
