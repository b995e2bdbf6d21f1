"""The small print of a run: what it was made of, what was noticed, what could not be used; and its tables."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.inspection_text import preprocessing_facts
from app.queries import runs
from app.queries.jobs import duration
from app.queries.runs import RunKey
from app.widgets.downloads import csv_link
from app.widgets.text import count, escape_markdown

_TABLES = ("samples", "classes", "confusions", "clusters", "problems", "findings")


def about_run(key: RunKey) -> None:
    """Draw the expander at the end of the Overview; open where something was noticed."""
    meta = runs.meta(key)
    notices = [str(notice) for notice in meta.get("notices") or ()]
    unusable = int((meta.get("counts") or {}).get("problems") or 0)
    if unusable:
        notices.append(f"{count(unusable, 'sample')} could not be used; the table of problems says which and why.")
    title = f"About this run ({count(len(notices), 'note')})" if notices else "About this run"
    with st.expander(title, icon=":material/info:"):
        if notices:
            st.markdown("\n".join(f"- {escape_markdown(notice)}" for notice in notices))
        lines = [f"**{name}:** {escape_markdown(words)}" for name, words in _facts(meta) if words]
        st.markdown("\n\n".join(lines))
        st.caption("Every table as CSV, streamed:")
        with st.container(horizontal=True):
            for table in _TABLES:
                csv_link(key, table, table.capitalize())


def _facts(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    spec, environment = meta.get("spec") or {}, meta.get("environment") or {}
    seconds = sum(float(timing.get("seconds") or 0) for timing in (meta.get("timings") or {}).values())
    took = f", {duration(seconds)} of work" if seconds else ""
    device = f" on {environment['device']}" if environment.get("device") else ""
    return [
        ("Checkpoint", str((spec.get("model") or {}).get("checkpoint") or "")),
        ("Architecture", str((spec.get("model") or {}).get("architecture") or "")),
        ("Validation set", str((spec.get("data") or {}).get("validation") or "")),
        ("Preprocessing", " ".join(preprocessing_facts(meta.get("preprocessing") or {}))),
        ("Made", f"{str(meta.get('created') or '')[:16].replace('T', ' ')} UTC{device}{took}"),
    ]
