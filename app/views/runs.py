"""Runs: what there is, what is being computed, what went wrong, and the form for something new."""

import streamlit as st

from analysis.jobs.job import Job, JobState
from app import people
from app.queries import catalog, jobs
from app.queries.run_list import RunEntry, list_runs
from app.widgets import states
from app.widgets.import_investigation import import_investigation
from app.widgets.job_progress import ended_badly, watch
from app.widgets.new_investigation import new_investigation
from app.widgets.run_actions import last_words, run_actions, trash_list
from app.widgets.run_table import run_table
from app.widgets.text import size_words

SHOWN_ENDED = 5
KNOWN_JOBS = 2000  # enough to tell whose each run is


def page() -> None:
    """Draw the page."""
    entries, all_jobs = list_runs(), jobs.newest(KNOWN_JOBS)
    st.title("Runs", anchor=False)
    _jobs(all_jobs, {entry.id: entry for entry in entries})
    if entries:
        run_table(catalog.shown(entries, all_jobs), run_actions)
        total = size_words(sum(catalog.disk_bytes(entry.id) for entry in entries))
        st.caption(f"All runs together take {total} on disk.")
    elif not any(job.state.active for job in all_jobs):
        states.empty("There are no runs yet.", icon=":material/inbox:", hint="Fill in the form below.")
    last_words()
    trash_list()
    import_investigation()
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
    """Bars of what is at work; of what ended badly the newest try of each run that nobody has dismissed."""
    for job in all_jobs:
        if job.state.active:
            watch(job)
    newest: dict[str, Job] = {}
    for job in all_jobs:
        newest.setdefault(job.output.name, job)
    ended = (JobState.FAILED, JobState.CANCELLED, JobState.DEAD)
    bad = [job for job in newest.values() if job.state in ended and not job.dismissed]
    for job in bad[:SHOWN_ENDED]:
        entry = entries.get(job.output.name)
        if job.kind not in jobs.WHOLE_RUNS or entry is None or entry.state != "done":
            ended_badly(job)


if __name__ == "__main__":
    page()
