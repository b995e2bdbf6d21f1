"""The checklist of a run, read once."""

import json
from dataclasses import dataclass

import streamlit as st

from analysis.runs import layout
from app.findings import Checklist, parse
from app.queries import runs
from app.queries.runs import RunKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the list of runs says of a diagnosed run; `cause` None where no fault was found."""

    accuracy: float | None
    cause: str | None


@st.cache_resource(max_entries=32, show_spinner=False)
def checklist(key: RunKey) -> Checklist | None:
    """The checklist of a run, or None before the diagnosis."""
    found = runs.findings(key)
    return None if found is None else parse(found)


def outcome(run_id: str) -> Outcome | None:
    """Accuracy and leading cause, without opening the run; None before the diagnosis or where it cannot be read."""
    file = runs.run_path(run_id) / layout.FINDINGS
    try:
        return _outcome(str(file), file.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@st.cache_resource(max_entries=2000, show_spinner=False)
def _outcome(file: str, modified: int) -> Outcome:  # `modified` only keys the cache
    with open(file, encoding="utf-8") as stream:
        found = parse(json.load(stream))
    leading = found.get(found.leading)
    return Outcome(accuracy=found.accuracy.overall, cause=leading.title if leading else None)
