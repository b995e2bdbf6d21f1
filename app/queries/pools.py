"""Pools beside the validation set: how far they are, what in them is like some samples, and the job that embeds one."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from analysis.arrays import IntArray
from analysis.errors import RunError
from analysis.jobs.job import Job
from analysis.pool.found import csv_chunks, find_alike
from analysis.pool.pool import TRAINING, UNLABELED, Pool, PoolState
from app.queries import exports, jobs, runs
from app.queries.runs import RunKey

CHOOSING = ("cluster", "clustering", "area", "ids", "finding", "where")  # parameters that choose what to look for
MOST = 500
KIND = "pool"  # of the job


def pool(key: RunKey, kind: str) -> Pool | None:
    """The pool `unlabeled` or `training`; None where nobody began it."""
    if kind not in (UNLABELED, TRAINING):
        raise RunError(f"There is no pool called {kind[:40]!r}; there are {UNLABELED} and {TRAINING}.")
    return Pool.open(runs.run_path(key.id), kind)


def state(key: RunKey, kind: str) -> PoolState | None:
    """How far it is, counted anew where a shard was added."""
    found = pool(key, kind)
    return None if found is None else _state(str(found.path), str(found.facts["key"]), len(found.shards))


@st.cache_resource(max_entries=32, show_spinner=False)
def _state(path: str, version: str, shards: int) -> PoolState:  # the last two only key the cache
    found = Pool.open(Path(path).parents[1], Path(path).name)
    return PoolState(total=0, done=0, problems=0) if found is None else found.state


def is_named(key: RunKey, kind: str) -> bool:
    """Whether the run's investigation names such a set."""
    data = (runs.meta(key).get("spec") or {}).get("data") or {}
    return bool(data.get("unlabeled" if kind == UNLABELED else "train"))


def samples(key: RunKey, params: Mapping[str, str]) -> IntArray | None:
    """Ids of the samples to look for more of; None where `params` choose none.

    Raises:
        AnalysisError: As `exports.chosen_samples`.
    """
    return exports.chosen_samples(key, {name: params[name] for name in CHOOSING if params.get(name)})


def found(key: RunKey, kind: str, params: Mapping[str, str], k: int, *, diverse: bool) -> pd.DataFrame:
    """The k pictures of a pool that are most like the samples `params` choose; see `find_alike`.

    Raises:
        AnalysisError: Nothing was embedded yet, or nothing can be asked with.
    """
    opened = pool(key, kind)
    marks = "" if opened is None else f"{opened.facts['key']}/{len(opened.shards)}"
    asked = tuple((name, params[name]) for name in CHOOSING if params.get(name))
    return _found(key, kind, asked, min(max(1, k), MOST), diverse, marks)


@st.cache_resource(max_entries=32, show_spinner=False)
def _found(  # noqa: PLR0917 - all of it is the key of the cache
    key: RunKey, kind: str, params: tuple[tuple[str, str], ...], k: int, diverse: bool, marks: str
) -> pd.DataFrame:  # `marks` only keys the cache
    return find_alike(runs.open_run(key).run, kind, samples(key, dict(params)), k, diverse=diverse)


def alike_csv(key: RunKey, kind: str, params: Mapping[str, str]) -> Iterator[bytes]:
    """The same as CSV to label from; `params` have `k` and `order` as well.

    Raises:
        AnalysisError: As `found`, or `k` is no number.
    """
    k = params.get("k", "100")
    if not k.isascii() or not k.isdigit():
        raise RunError(f"k = {k[:20]!r} is no number of pictures.")
    return csv_chunks(found(key, kind, params, int(k), diverse=params.get("order") != "nearest"))


def picture(key: RunKey, kind: str, row: int) -> bytes | None:
    """The small picture of one row of a pool."""
    opened = pool(key, kind)
    return None if opened is None else opened.picture(row)


def start(key: RunKey, kind: str) -> Job:
    """Embed a pool in a process of its own, or go on with it.

    Raises:
        AnalysisError: If this person may only look.
    """
    command = ("pool", str(runs.run_path(key.id)), *(("--training",) if kind == TRAINING else ()))
    title = "Embedding the training set" if kind == TRAINING else "Embedding the unlabelled pool"
    device = str(((runs.meta(key).get("spec") or {}).get("inference") or {}).get("device") or "auto")
    return jobs.start_on_run(key.id, kind=KIND, title=title, command=command, device=device)


def is_running(key: RunKey) -> bool:
    """Whether a pool of this run is being embedded."""
    job = jobs.active_for(key.id)
    return job is not None and job.kind == KIND
