"""The list of runs below the runs root: every page asks for it, so each `run.json` is read once a version."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from analysis.catalog.catalog import Card, Catalog
from analysis.errors import OutputError
from analysis.runs import layout
from analysis.runs.mark import RunMark
from app.queries.roots import runs_root


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """One line of the list of runs."""

    id: str
    title: str
    created: str
    state: str  # done | running | …, as run.json says
    samples: int
    classes: int
    mark: RunMark
    archived: bool = False


def list_runs() -> list[RunEntry]:
    """Every run below the runs root, newest first, archived ones included; what is no readable run is left out."""
    root = runs_root()
    entries, cards, known = [], dict[str, Card](), _known(str(root))
    with suppress(OutputError):  # then every run has its own title
        cards = Catalog(root).cards()
    for name in os.listdir(root) if root.is_dir() else ():
        if name.startswith("."):
            continue
        with suppress(OSError, ValueError, TypeError, AttributeError):  # no folder, no JSON, JSON of another shape
            entry, card = _entry(name, root / name / layout.META, known), cards.get(name)
            if card is not None:
                entry = replace(entry, title=card.title or entry.title, archived=card.archived)
            entries.append(entry)
    return sorted(entries, key=lambda entry: (entry.created, entry.id), reverse=True)


@st.cache_resource(max_entries=4, show_spinner=False)
def _known(root: str) -> dict[str, tuple[int, RunEntry]]:
    """Entries by folder name, with the time their file was written; every page of everybody asks for all of them."""
    return {}


def _entry(run_id: str, file: Path, known: dict[str, tuple[int, RunEntry]]) -> RunEntry:
    modified = os.stat(file).st_mtime_ns
    found = known.get(run_id)
    if found is None or found[0] != modified:
        found = known[run_id] = (modified, _read_entry(run_id, file))
    return found[1]


def _read_entry(run_id: str, file: Path) -> RunEntry:
    meta = json.loads(file.read_text("utf-8"))
    counts = meta.get("counts") or {}
    return RunEntry(
        id=run_id,
        title=str(meta.get("title") or run_id),
        created=str(meta.get("created") or ""),
        state=str(meta.get("state") or "done"),
        samples=int(counts.get("samples") or 0),
        classes=len(meta.get("class_names") or ()),
        mark=RunMark.of(meta),
    )
