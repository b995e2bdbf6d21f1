"""The bell in the header: while a person's own job is at work, its end is told to a tab in the background."""

import streamlit as st

from analysis.jobs.job import Job, JobState
from app import people
from app.components import job_bell as component
from app.components.job_bell import BellJob
from app.queries import jobs

POLL_SECONDS = 3.0
_SEEN = "job_bell_seen"  # in the session: a job of this person was seen at work
_LOOKED_AT = 20  # newest jobs
_OUTCOMES = {
    JobState.DONE: "Done",
    JobState.FAILED: "Stopped with an error",
    JobState.CANCELLED: "Stopped",
    JobState.DEAD: "Vanished",
}


def job_bell() -> None:
    """Draw it once this person's job was at work in this tab; it looks again by itself, on whatever page they are."""
    polling = any(job.state.active for job in _own())
    if polling:
        st.session_state[_SEEN] = True
    elif not st.session_state.get(_SEEN):
        return

    @st.fragment(run_every=POLL_SECONDS if polling else None, key="job_bell_watch")
    def watch() -> None:
        own = _own()
        if polling and not any(job.state.active for job in own):
            st.rerun()  # draws the bell with what ended, and looks no more
        component.job_bell([_told(job) for job in own])

    watch()


def _own() -> list[Job]:
    name = people.current().name
    return [job for job in jobs.newest(_LOOKED_AT) if job.author in ("", name)]


def _told(job: Job) -> BellJob:
    return BellJob(id=job.id, title=job.title, active=job.state.active, outcome=_OUTCOMES.get(job.state, ""))
