"""The first minute: with no runs yet, the built-in example is computed while one reads what it is."""

import streamlit as st

from analysis.jobs.job import Job, JobState
from app import people, state
from app.queries import jobs
from app.queries.roots import runs_root
from app.widgets import states
from app.widgets.job_progress import ended_badly, watch
from app.widgets.text import escape_markdown


def welcome() -> None:
    """Start the example (once), show how far it is; the page turns into its Overview when it is done."""
    job = _job()
    if job is None:
        states.empty(
            "There are no runs here yet.", icon=":material/inbox:", hint=f"They will appear here. {jobs.ONLY_LOOKING}"
        )
        return
    st.title("Why is my image classifier wrong?", anchor=False)
    st.markdown(
        "Faultline takes a checkpoint and a validation set, tests every likely cause, and measures what undoing each "
        "one would give back."
    )
    if job.kind == jobs.DEMO:
        st.markdown(
            "There are no runs here yet, so a small example is made first: real handwritten digits, and a classifier "
            "that was expanded from seven classes to ten and went wrong on the way."
        )
    if job.state.active:
        watch(job, can_cancel=job.kind != jobs.DEMO)
        if job.kind == jobs.DEMO:
            st.caption("This takes less than a minute. Its Overview opens by itself.")
    else:
        ended_badly(job)
    state.page_link("runs", "Or start with a model of your own", icon=":material/arrow_forward:")
    st.caption(f"Runs are kept in {escape_markdown(runs_root())}")


def _job() -> Job | None:
    """The newest job, or the example's, started now; one that ended badly is not started again by itself.

    None where there is none and this person may not start one.
    """
    newest = jobs.newest(1)
    if newest and newest[0].state is not JobState.DONE:
        return newest[0]
    return jobs.start_demo() if people.current().may_edit else None
