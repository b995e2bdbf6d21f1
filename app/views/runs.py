"""Runs: what there is, what is being computed, what went wrong, and the form for something new."""

import pandas as pd
import streamlit as st

from analysis.jobs.job import Job, JobState
from app import people, state
from app.queries import jobs, runs
from app.queries.findings import Outcome, outcome
from app.queries.runs import RunEntry
from app.widgets import states
from app.widgets.job_progress import ended_badly, watch
from app.widgets.new_investigation import new_investigation
from app.widgets.terms import TERMS

SHOWN_ENDED = 5


def page() -> None:
    """Draw the page."""
    entries, all_jobs = runs.list_runs(), jobs.newest()
    st.title("Runs", anchor=False)
    _jobs(all_jobs, {entry.id: entry for entry in entries})
    if entries:
        _table(entries, {job.output.name: job for job in reversed(all_jobs)})
    elif not any(job.state.active for job in all_jobs):
        states.empty("There are no runs yet.", icon=":material/inbox:", hint="Fill in the form below.")
    st.subheader("New investigation", anchor=False)
    new_investigation()
    if not any(entry.id == jobs.DEMO for entry in entries) and st.button(
        "Make the built-in example", icon=":material/science:", key="runs_demo", disabled=not people.current().may_edit,
        help="Handwritten digits with planted faults; takes about a minute."
        if people.current().may_edit else jobs.ONLY_LOOKING,
    ):  # fmt: skip
        jobs.start_demo()
        st.rerun()


def _jobs(all_jobs: list[Job], entries: dict[str, RunEntry]) -> None:
    """Bars of what is at work; of what ended badly the newest try of each run that is still not complete."""
    for job in all_jobs:
        if job.state.active:
            watch(job)
    newest: dict[str, Job] = {}
    for job in all_jobs:
        newest.setdefault(job.output.name, job)
    bad = [job for job in newest.values() if job.state in (JobState.FAILED, JobState.CANCELLED, JobState.DEAD)]
    for job in bad[:SHOWN_ENDED]:
        entry = entries.get(job.output.name)
        if entry is None or entry.state != "done":
            ended_badly(job)


def _table(entries: list[RunEntry], last_job: dict[str, Job]) -> None:
    rows = [_row(entry, last_job.get(entry.id)) for entry in entries]
    table = pd.DataFrame(rows)
    config = st.column_config
    event = st.dataframe(
        table, hide_index=True, width="stretch", key="runs_table", on_select="rerun", selection_mode="single-row",
        alt="All runs, newest first",
        column_config={
            "Accuracy": config.NumberColumn(format="percent", help=TERMS["accuracy"]),
            "Samples": config.NumberColumn(format="localized"),
            "Classes": config.NumberColumn(format="localized"),
            "Created": config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
    )  # fmt: skip
    chosen = [entries[row].id for row in event.selection.rows if row < len(entries)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Open", icon=":material/arrow_forward:", disabled=not chosen, key="runs_open", on_click=_choose,
                  args=chosen, type="primary")  # fmt: skip
        st.caption("Choose a row, then open it." if not chosen else f"{len(entries):,} runs", width="content")
    if st.session_state.pop("runs_go", False):
        state.go("overview")


def _choose(run_id: str) -> None:
    st.session_state[state.RUN] = run_id
    st.session_state["runs_go"] = True


def _row(entry: RunEntry, job: Job | None) -> dict[str, object]:
    found = outcome(entry.id)
    return {
        "Run": entry.id,
        "Title": entry.title,
        "State": _state(entry, job),
        "Main cause": _cause(found),
        "Accuracy": found.accuracy if found else None,
        "Samples": entry.samples,
        "Classes": entry.classes,
        "Created": pd.to_datetime(entry.created, errors="coerce", utc=True),
    }


def _state(entry: RunEntry, job: Job | None) -> str:
    if job is not None and job.state.active:
        return "running"
    return "complete" if entry.state == "done" else "interrupted"


def _cause(found: Outcome | None) -> str:
    if found is None:
        return "not known yet"
    return found.cause or "no fault found"


if __name__ == "__main__":
    page()
