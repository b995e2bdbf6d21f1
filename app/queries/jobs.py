"""Jobs as pages see them: start, cancel, resume, and how far one is."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from analysis.jobs import launch
from analysis.jobs.job import Job, JobState
from analysis.jobs.log import tail
from analysis.jobs.store import JobStore
from analysis.runs import layout
from app.queries import runs
from app.queries.roots import runs_root

DEMO = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an active job is; `fraction` 0..1 of the current stage, None while its length is not known."""

    stage: str
    fraction: float | None
    words: str
    running_for: float  # seconds


def store() -> JobStore:
    """The job store of the current runs root."""
    return _store(str(runs_root()))


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(root: str) -> JobStore:
    return JobStore(Path(root))


def newest(limit: int = 50) -> list[Job]:
    """The newest jobs, newest first; jobs whose process is gone are marked dead first."""
    if not runs_root().is_dir():
        return []
    launch.reap(store())
    return store().newest(limit)


def refreshed(number: int) -> Job | None:
    """One job as it is now; dead if its process is gone."""
    launch.reap(store())
    return store().get(number)


def active_for(run_id: str) -> Job | None:
    """The active job that writes this run, or None."""
    output = runs.run_path(run_id).resolve()
    return next((job for job in newest() if job.state.active and job.output == output), None)


def start_demo() -> Job:
    """Build and diagnose the built-in example; goes on where an interrupted one stopped."""
    return _start(kind="demo", title="Built-in example", run_id=DEMO, arguments=("demo",))


def start_run(investigation: Path, *, title: str, run_id: str) -> Job:
    """Start an investigation, or return the job that is already writing this run."""
    return _start(kind="run", title=title, run_id=run_id, arguments=("run", str(investigation)))


def resume(job: Job) -> Job:
    """Go on with an interrupted, failed or dead job: same command, same output."""
    command = tuple(part for part in job.command if part != "--resume")
    command = (*command, "--resume") if _was_begun(job.output) else command
    return launch.start(store(), kind=job.kind, title=job.title, output=job.output, command=command)


def cancel(number: int) -> None:
    """Ask a job to stop; what it finished is kept."""
    launch.cancel(store(), number)


def log_tail(job: Job, lines: int = 40) -> str:
    """The end of a job's log."""
    return tail(job.log, lines)


def progress(job: Job) -> Progress:
    """How far an active job is, from the ``progress.json`` of its run."""
    found = runs.progress(job.output.name) or {}
    running_for = max(0.0, time.time() - (job.started or job.created))
    if job.state is JobState.CANCELLING:
        return Progress(stage="Stopping", fraction=None, words="what is finished is kept", running_for=running_for)
    if not found or found.get("state") == "done" or float(found.get("updated") or 0) < job.created:
        return Progress(stage="Starting", fraction=None, words="", running_for=running_for)
    done, total = int(found.get("done") or 0), int(found.get("total") or 0)
    fraction = min(1.0, done / total) if total else None
    stage = str(found.get("stage") or "Working")
    words = _words(done, total, found.get("rate"), found.get("seconds_left"))
    return Progress(stage=stage[:1].upper() + stage[1:], fraction=fraction, words=words, running_for=running_for)


def duration(seconds: float) -> str:
    """'8 s', '3 min 20 s', '2 h 5 min'."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def free_run_id(title: str) -> str:
    """A folder name made of a title, that no run and no active job has."""
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:48] or "run"
    taken = {job.output.name for job in newest(1000) if job.state.active}
    number, name = 1, stem
    while name in taken or (runs_root() / name).exists():
        number += 1
        name = f"{stem}-{number}"
    return name


def _start(*, kind: str, title: str, run_id: str, arguments: tuple[str, ...]) -> Job:
    runs_root().mkdir(parents=True, exist_ok=True)
    output = runs.run_path(run_id)
    resume_it = ("--resume",) if _was_begun(output) else ()
    command = (*arguments, "--out", str(output), *resume_it)
    return launch.start(store(), kind=kind, title=title, output=output, command=command)


def _was_begun(output: Path) -> bool:
    return any((output / name).exists() for name in (layout.META, layout.SHARDS, layout.PROGRESS))


def _words(done: int, total: int, rate: object, left: object) -> str:
    words = [f"{done:,} of {total:,}"] if total else []
    if isinstance(rate, int | float) and rate > 0:
        words.append(f"{rate:,.0f} a second" if rate >= 10 else f"{rate:,.1f} a second")
    if isinstance(left, int | float):
        words.append(f"about {duration(left)} left")
    return " · ".join(words)
