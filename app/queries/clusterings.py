"""The clustering that is shown: the run's own or one found anew, with what people did to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import FloatArray, IntArray
from analysis.reports.cluster_edits import Edit, Edited, apply_edits
from analysis.reports.cluster_report import Judged, cluster_report, describing_columns
from analysis.reports.over_represented import Column
from analysis.runs.clusterings import StoredClustering, clusterings
from analysis.runs.layout import CLUSTER_COLUMNS, CLUSTER_EXTRA_COLUMNS, CLUSTER_FACT_COLUMNS
from app.queries import cluster_edits, runs
from app.queries.runs import RunKey

OWN = ""  # name of the run's own clustering
OWN_IN_LINK = "run"  # what links and expressions call it, after the edits of people


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """N samples in clusters.

    Attributes:
        name: of a clustering kept beside the run's own, "" for the run's own.
        assigned: (N,) cluster, −1 = in none.
        table: one row a cluster, columns of ``clusters.parquet``, largest lower bound of the excess first.
        over_represented: rows of ``cluster_facts.parquet``.
        how: ``clustering.json``; empty for runs from before it. `looks`: number → expression of the groups that were
            found by how their pictures look.
        edited: what the edits of people came to.
        edits: how many there are.
        mark: changes whenever members, names or what is hidden do; what cached answers about it are keyed on.
    """

    name: str
    assigned: IntArray
    table: pd.DataFrame
    over_represented: pd.DataFrame
    how: Mapping[str, Any]
    edited: Edited
    edits: int
    mark: str

    @property
    def ranked(self) -> pd.DataFrame:
        """The table without hidden clusters."""
        return self.table[~self.table["cluster"].isin(list(self.edited.hidden))]

    def row(self, number: int) -> pd.Series | None:
        """One cluster's row; of a merged one, that of the cluster it went to. None where there is none."""
        found = self.table[self.table["cluster"] == self.edited.went_to.get(number, number)]
        return None if found.empty else found.iloc[0]

    @property
    def is_own(self) -> bool:
        """Whether its numbers are those of the column `cluster`."""
        return self.name == OWN and not self.edited.changed

    def is_as_found(self, number: int) -> bool:
        """Whether this cluster is one of the run's own with the members it was found with."""
        return self.name == OWN and number not in self.edited.changed


def names(key: RunKey) -> list[str]:
    """Names of the clusterings kept beside the run's own, oldest first."""
    return clusterings(runs.run_path(key.id))


def in_words(name: str) -> str:
    """A clustering's name for people: ``all-map-leaf-30`` → "all samples on the map, leaf, from 30"."""
    if name == OWN:
        return "As the run found them"
    of, space, method, size, *epsilon = name.split("-", 4) if name.count("-") >= 3 else (name, "", "", "")
    where = {"map": "on the map", "axes": "by 10 axes"}.get(space, space)
    words = [f"{'failures' if of == 'failures' else f'{of} samples'} {where}", method]
    words += ["" if size == "auto" else f"from {size}", f"epsilon {epsilon[0]}" if epsilon else ""]
    return ", ".join(word for word in words if word)


def shown(key: RunKey, name: str = OWN) -> Shown | None:
    """A clustering after the edits of people; None where the run has none of that name.

    Raises:
        StoreError: If what people did cannot be read.
    """
    made = cluster_edits.made(key, name)
    return _shown(key, name, tuple(change.edit for change in made))


@st.cache_resource(max_entries=16, show_spinner=False)
def _shown(key: RunKey, name: str, edits: tuple[Edit, ...]) -> Shown | None:
    base = _base(key, name)
    if base is None:
        return None
    edited = apply_edits(base.assigned, edits)
    table, facts = base.table, base.over_represented
    if edited.changed:
        table, facts = _described(key, edited, base)
    if edited.names:
        table = table.assign(name=[edited.names.get(int(row.cluster), row.name) for row in _rows(table)])
    return Shown(
        name=name,
        assigned=edited.assigned,
        table=table,
        over_represented=facts,
        how=base.how,
        edited=edited,
        edits=len(edits),
        mark=_mark(edited),
    )


def _mark(edited: Edited) -> str:
    told = repr((sorted(edited.names.items()), sorted(edited.hidden)))
    return f"{crc32(told.encode(), crc32(edited.assigned.tobytes())):x}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _base(key: RunKey, name: str) -> Shown | None:
    run = runs.open_run(key).run
    if name == OWN:
        assigned, table = runs.column(key, "cluster"), runs.clusters(key)
        facts, how = run.cluster_facts, {**run.clustering, "looks": _looks(key)}
    else:
        stored = StoredClustering.open(run.path, name)
        if stored is None or len(stored.assigned) != runs.size(key):
            return None
        assigned, table, facts, how = stored.assigned, stored.table, stored.over_represented, stored.facts
    return Shown(
        name=name,
        assigned=assigned,
        table=_complete(table, (*CLUSTER_COLUMNS, *CLUSTER_EXTRA_COLUMNS)),
        over_represented=_complete(facts, CLUSTER_FACT_COLUMNS),
        how=how,
        edited=apply_edits(assigned, ()),
        edits=0,
        mark="",
    )


def _looks(key: RunKey) -> dict[int, str]:
    table = runs.evidence_tables(key, "failure_cluster").get("looks")
    return {} if table is None else {int(row.cluster): str(row.looks) for row in _rows(table)}


def _complete(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """With every column; runs from before some of them do not know these."""
    return table.assign(**{name: np.nan for name in columns if name not in table})


def _described(key: RunKey, edited: Edited, base: Shown) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Table and facts counted anew; what the edits left alone keeps its name and stability."""
    report = cluster_report(edited.assigned, judged(key), _columns(key), _stability(edited, base))
    names = dict(zip(base.table["cluster"], base.table["name"], strict=True))
    kept = [
        row.name if int(row.cluster) in edited.changed else names.get(row.cluster, row.name)
        for row in _rows(report.table)
    ]
    return report.table.assign(name=kept), report.facts


def _stability(edited: Edited, base: Shown) -> FloatArray:
    known = np.full(int(edited.assigned.max(initial=-1)) + 1, np.nan)
    for row in _rows(base.table):
        if int(row.cluster) not in edited.changed and int(row.cluster) not in edited.went_to:
            known[int(row.cluster)] = row.stability
    return known


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False))


@st.cache_resource(max_entries=4, show_spinner=False)
def judged(key: RunKey) -> Judged:
    """What clusters are judged by: the predictions after the supported fixes."""
    run, lock = runs.open_run(key)
    with lock:
        return Judged.of(run)


@st.cache_resource(max_entries=2, show_spinner="Reading the metadata…")
def _columns(key: RunKey) -> list[Column]:
    run, lock = runs.open_run(key)
    with lock:
        return describing_columns(run, judged(key))
