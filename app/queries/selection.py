"""What is special about the samples inside a selection drawn on the map that pass the page's filter, `where`."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from analysis.reports.class_adjusted import ClassAdjusted, Excess
from analysis.reports.metadata_columns import levels_of
from analysis.reports.over_represented import Column, class_column, fact_words, over_represented
from analysis.runs.layout import PIXEL_COLUMNS
from app.queries import examples, outlines, runs
from app.queries.runs import RunKey

LOOKED_AT = 50  # metadata columns, so that an answer stays quick
_ASKED = 20_000  # members whose neighbours are looked at
_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A value that is more frequent inside: `words` such as ``camera = b``, its share inside, lift and interval."""

    words: str
    count: int
    share: float
    lift: float
    low: float
    high: float


@st.cache_resource(max_entries=32, show_spinner=False)
def excess(key: RunKey, area: str, where: str = "", *, repaired: bool) -> Excess:
    """Errors inside against those that the same classes have elsewhere."""
    return _adjusted(key, repaired=repaired).excess(outlines.mask_inside(key, area, where))


@st.cache_resource(max_entries=4, show_spinner=False)
def _adjusted(key: RunKey, *, repaired: bool) -> ClassAdjusted:
    return ClassAdjusted(runs.column(key, "label_index"), ~examples.correct(key, repaired=repaired))


@st.cache_resource(max_entries=32, show_spinner=False)
def facts(key: RunKey, area: str, where: str = "", *, repaired: bool) -> tuple[Fact, ...]:
    """What labels, predictions, looks and the first `LOOKED_AT` columns of metadata have in common, surest first."""
    group = np.where(outlines.mask_inside(key, area, where), 0, -1)
    table = over_represented(group, _columns(key, repaired=repaired)).head(_SHOWN)
    return tuple(_fact(row) for row in table.itertuples(index=False))


def _fact(row: object) -> Fact:
    count, share, lift, low, high = (getattr(row, name) for name in ("count", "share", "lift", "lift_low", "lift_high"))
    return Fact(words=fact_words(row), count=int(count), share=share, lift=lift, low=low, high=high)


@st.cache_resource(max_entries=4, show_spinner=False)
def _columns(key: RunKey, *, repaired: bool) -> list[Column]:
    names = runs.class_names(key)
    found = [
        class_column("label", runs.column(key, "label_index"), names),
        class_column("prediction", examples.predictions(key, repaired=repaired), names),
    ]
    kinds = {name: "picture" for name in PIXEL_COLUMNS if name in runs.columns(key)}
    kinds |= dict.fromkeys(runs.metadata_columns(key)[:LOOKED_AT], "metadata")
    if kinds:
        levels, _ = levels_of(pd.DataFrame(runs.samples(key, list(kinds))))
        found += [Column(kind=kinds[column.name], levels=column) for column in levels]
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def closed(key: RunKey, area: str, where: str = "") -> float | None:
    """Share of the members' nearest neighbours in embedding space that are members too, 0..1.

    Near 1 for a group that exists there; low where the map has drawn strangers together, or torn a group apart. Of
    large selections some members are asked. None without a neighbour graph, or where nobody has a neighbour.
    """
    graph, mask = runs.neighbours(key), outlines.mask_inside(key, area, where)
    members = np.flatnonzero(mask)
    if graph is None or not len(members):
        return None
    asked = members[:: max(1, len(members) // _ASKED)]
    near = graph[0][asked]
    known = near >= 0
    return float(mask[near[known]].mean()) if known.any() else None
