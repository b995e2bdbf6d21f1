"""The filter expression that travels with a person from page to page: which samples of a run pass it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import streamlit as st

from analysis.arrays import BoolArray, IntArray
from analysis.errors import StoreError
from analysis.expressions.columns import Column, Moments, Numbers, Texts, Truths, Values, column_of
from analysis.expressions.comparison import known
from analysis.expressions.error import ExpressionError
from analysis.expressions.names import quoted_name
from analysis.expressions.parser import parse
from analysis.reports.triage import TAGS
from analysis.runs.sample_columns import SampleColumns
from app import state
from app.filter_words import ABOUT
from app.queries import clusterings, runs, triage
from app.queries.runs import RunKey

_FIRST = (
    "label", "prediction", "group", "predicted_group", "correct", "loss", "confidence", "cluster", "label_quality",
    "label_issue", "entropy", "margin", "label_rank", "triage",
)  # fmt: skip
TRIAGE, CLUSTERED = "triage", "in_cluster"
_LAST = ("content_hash", "projection_x", "projection_y")
_LOOKED_AT = 1_000  # samples that example values come from
_EXPLAINED = 200  # columns that the help lists
KINDS = {Numbers: "number", Texts: "text", Truths: "yes or no", Moments: "date"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What an expression chooses.

    Attributes:
        mask: (N,) True where a sample passes; None where nothing is filtered: no expression, or a wrong one.
        passing: How many do. total: N.
        error: What is wrong with it. remarks: Sentences on values that no sample has.
    """

    mask: BoolArray | None
    passing: int
    total: int
    error: ExpressionError | None = None
    remarks: tuple[str, ...] = ()


def current() -> str:
    """The expression that stands in the link; empty where there is none."""
    return str(st.session_state.get(state.WHERE) or "").strip()


def passing_mask(key: RunKey) -> BoolArray | None:
    """(N,) True where a sample passes the current expression; None where every sample does.

    A wrong expression filters nothing: the box above the page says so.
    """
    return answer(key, current()).mask


def passing(key: RunKey, text: str) -> IntArray:
    """Ids of the samples that pass an expression, ascending; all for an empty one.

    Raises:
        ExpressionError: If it cannot be read or does not fit the run's columns.
    """
    found = answer(key, text.strip())
    if found.error is not None:
        raise found.error
    return np.arange(found.total) if found.mask is None else np.flatnonzero(found.mask)


def answer(key: RunKey, text: str) -> Answer:
    """Evaluate an expression over a run; what is wrong with it is part of the answer."""
    return _answer(key, text, depends_on(key, text))


def keyed(key: RunKey) -> tuple[str, int]:
    """The current expression and its `depends_on`: what a cached question about the samples that pass is keyed on."""
    return current(), depends_on(key, current())


def depends_on(key: RunKey, text: str) -> int:
    """Keys what is worked out from an expression: moves with people's triage where the expression may speak of it."""
    return triage.version(key) if "triage" in text or CLUSTERED in text else 0


@st.cache_resource(max_entries=24, show_spinner=False)
def _answer(key: RunKey, text: str, people: int) -> Answer:  # `people` only keys the cache
    total = runs.size(key) if runs.has_samples(key) else 0
    if not text or not total:
        return Answer(mask=None, passing=total, total=total)
    try:
        expression = parse(text)
        found = expression.evaluate(lambda name: column(key, name), total, names=names(key), functions=_functions(key))
    except ExpressionError as error:
        return Answer(mask=None, passing=total, total=total, error=error)
    return Answer(mask=found.mask, passing=int(found.mask.sum()), total=total, remarks=found.remarks)


def names(key: RunKey) -> tuple[str, ...]:
    """Every column that an expression may name: first those people ask for most, then the manifest's, then the rest."""
    known = (*_columns(key).names, *([TRIAGE] if _has_triage(key) else []))
    metadata = runs.metadata_columns(key)
    first = [name for name in _FIRST if name in known and name not in metadata]
    last = [name for name in _LAST if name in known]
    return tuple(dict.fromkeys([*first, *metadata, *(name for name in known if name not in last), *last]))


def _has_triage(key: RunKey) -> bool:
    """A manifest's column of that name hides ours."""
    return TRIAGE not in runs.columns(key)


def _columns(key: RunKey) -> SampleColumns:
    return SampleColumns(runs.open_run(key).run)


def _functions(key: RunKey) -> dict[str, Callable[[str], Values]]:
    return {**_columns(key).functions, CLUSTERED: lambda told: _in_cluster(key, told)}


def _in_cluster(key: RunKey, told: str) -> BoolArray:
    """``NAME/NUMBER``: the samples of a cluster as people left it; NAME is ``run`` for the run's own clustering."""
    name, _, number = told.rpartition("/")
    try:
        shown = clusterings.shown(key, clusterings.OWN if name == clusterings.OWN_IN_LINK else name)
    except StoreError as error:
        raise KeyError(str(error)) from error
    row = None if shown is None or not number.isdecimal() else shown.row(int(number))
    if shown is None or row is None:
        raise KeyError(f"There is no cluster “{told}” in this run (any more). Open it on the page Clusters.")
    return np.asarray(shown.assigned == int(row["cluster"]))


def of_cluster(clustering: str, number: int) -> str:
    """A cluster of a clustering as an expression."""
    return f"{CLUSTERED}({json.dumps(f'{clustering or clusterings.OWN_IN_LINK}/{number}')})"


def column(key: RunKey, name: str) -> Column:
    """One column as expressions compare it.

    Raises:
        KeyError: If there is no such column.
    """
    return triage.column(key) if name == TRIAGE and _has_triage(key) else _stored(key, name)


@st.cache_resource(max_entries=48, show_spinner=False)
def _stored(key: RunKey, name: str) -> Column:
    with runs.open_run(key).lock:
        return _columns(key).column(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A column as the help shows it: `kind` number | text | yes or no | date; `examples`: values it has."""

    name: str
    kind: str
    examples: str
    meaning: str


@st.cache_resource(max_entries=8, show_spinner=False)
def about(key: RunKey) -> tuple[About, ...]:
    """The first `_EXPLAINED` columns that an expression may name, judged by the first samples."""
    rows = runs.first_rows(key, _LOOKED_AT)
    return tuple(_about(key, name, rows) for name in names(key)[:_EXPLAINED])


def _about(key: RunKey, name: str, rows: pa.Table) -> About:
    if name == TRIAGE and _has_triage(key):
        return About(name=name, kind="text", examples=", ".join(map(json.dumps, TAGS)), meaning=ABOUT[name])
    values = column_of(rows.column(name)) if name in rows.column_names else column(key, name)
    return About(
        name=quoted_name(name), kind=KINDS[type(values)], examples=_examples(values), meaning=ABOUT.get(name, "")
    )


def _examples(values: Column) -> str:
    if isinstance(values, Truths):
        return "true, false"
    if isinstance(values, Texts):
        count = np.bincount(values.code[values.code >= 0], minlength=len(values.words))
        shown = [values.words[int(place)].as_py() for place in np.argsort(-count, kind="stable")[:3] if count[place]]
        return ", ".join(json.dumps(word, ensure_ascii=False) for word in shown)
    here = known(values)
    held = values.value if here is None else values.value[here]
    if not len(held):
        return ""
    low, high = held.min(), held.max()
    return f"{low} … {high}" if isinstance(values, Moments) else f"{low:.4g} … {high:.4g}"
