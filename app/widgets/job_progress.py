"""A job's bar that moves by itself, and what to say when a job ended badly."""

import streamlit as st

from analysis.errors import RunError
from analysis.jobs.job import Job, JobState
from app import people
from app.access.redaction import for_reader
from app.queries import jobs, runs
from app.widgets.text import escape_markdown

POLL_SECONDS = 1.0
_ENDED = {
    JobState.FAILED: "stopped with an error",
    JobState.CANCELLED: "was stopped",
    JobState.DEAD: "vanished: its process was killed, or the machine was switched off",
}


def watch(job: Job, *, can_cancel: bool = True) -> None:
    """Draw a moving bar; when the job ends, or its run has something new to show, the whole page is drawn again."""
    seen = f"version_{job.id}"
    st.session_state[seen] = _version(job)

    @st.fragment(run_every=POLL_SECONDS, key=f"watch_{job.id}")
    def bar() -> None:
        now = jobs.refreshed(job.id)
        if now is None or not now.state.active or _version(job) != st.session_state[seen]:
            st.rerun()
        _bar(now, can_cancel=can_cancel)

    bar()


def _version(job: Job) -> int:
    try:
        return runs.run_key(job.output.name).version
    except RunError:
        return 0


def _bar(job: Job, *, can_cancel: bool) -> None:
    how_far = jobs.progress(job)
    with st.container(border=True, gap="xsmall", key=f"job_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape_markdown(job.title)}**: {escape_markdown(how_far.title)}", width="content")
            st.caption(how_far.words, width="content")
            st.space("stretch")
            verb = "running" if job.state.at_work else "waiting"
            st.caption(_by(job) + f"{verb} for {jobs.duration(how_far.running_for)}", width="content")
            if can_cancel:
                _stop(job)
        st.progress(how_far.fraction)
        if job.state.at_work:
            _log(job)


def _log(job: Job) -> None:
    log = st.expander("Log", key=f"log_of_{job.id}", on_change="rerun", type="compact")
    if log.open:
        log.code(for_reader(jobs.log_tail(job)) or "Nothing yet.", language=None, wrap_lines=True)


def _by(job: Job) -> str:
    """Who started it, where that is somebody else."""
    is_own = job.author in ("", people.current().name)
    return "" if is_own else f"started by {escape_markdown(job.author)} · "


def _stop(job: Job) -> None:
    may = people.current().may_edit
    hint = "Stops after the block it is working on; what is finished is kept and the run can be resumed."
    if not job.state.at_work:
        hint = "Takes it out of the queue."
    if st.button("Stop", icon=":material/stop:", key=f"cancel_{job.id}", type="tertiary",
                 disabled=job.state is JobState.CANCELLING or not may,
                 help=hint if may else jobs.ONLY_LOOKING):  # fmt: skip
        jobs.cancel(job.id)


def ended_badly(job: Job) -> None:
    """A job that did not get to its end: what happened, the end of its log, and the button that goes on."""
    with st.container(border=True, gap="xsmall", key=f"ended_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = ":orange[:material/pause_circle:]" if job.state is JobState.CANCELLED else ":red[:material/error:]"
            st.markdown(f"{icon} **{escape_markdown(job.title)}** {_ENDED.get(job.state, job.state)}", width="content")
            st.space("stretch")
            may = people.current().may_edit
            goes_on = jobs.can_go_on(job)
            hint = "Continues with what is finished; nothing is computed twice." if goes_on else "Starts it again."
            if st.button("Go on" if goes_on else "Try again", icon=":material/play_arrow:", key=f"resume_{job.id}",
                         disabled=not may, help=hint if may else jobs.ONLY_LOOKING):  # fmt: skip
                jobs.resume(job)
                st.rerun()
            if st.button("Dismiss", icon=":material/close:", key=f"dismiss_{job.id}", type="tertiary",
                         disabled=not may, help="What was finished stays."):  # fmt: skip
                jobs.dismiss(job)
                st.rerun()
        log = for_reader(jobs.log_tail(job))
        last = log.splitlines()[-1] if log else ""
        if job.state is JobState.FAILED and last:
            st.text(last)
        if log:
            with st.expander("End of the log"):
                st.code(log, language=None, wrap_lines=True)
