"""Jobs as pages see them: start, cancel, resume, and how far one is."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from analysis.errors import OutputError
from analysis.jobs import launch
from analysis.jobs.job import Job, JobState
from analysis.jobs.log import tail
from analysis.jobs.store import FILE, FOLDER, JobStore
from analysis.runs import layout
from app.queries import runs
from app.queries.roots import runs_root

DEMO = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an active job is; `fraction` 0..1 of all its steps, each counted alike."""

    title: str
    fraction: float
    words: str
    running_for: float  # seconds


def store() -> JobStore:
    """The job store of the current runs root."""
    return _store(str(runs_root()))


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(root: str) -> JobStore:
    return JobStore(Path(root))


def newest(limit: int = 50) -> list[Job]:
    """The newest jobs, newest first; jobs whose process is gone are marked dead first.

    Looking makes no files, and runs on a read-only disk can be looked at.
    """
    if not (runs_root() / FOLDER / FILE).is_file():
        return []
    try:
        launch.reap(store())
        return store().newest(limit)
    except OutputError:
        return []


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
    if _written(found) < job.created - 1 or found.get("state") != "running":
        found = {}  # left over from before, or not there yet
    stage, number, count = _step(job, found)
    done, total = int(found.get("done") or 0), int(found.get("total") or 0)
    within = min(1.0, done / total) if total else 0.0
    if job.state is JobState.CANCELLING:
        title, words = "stopping", "what is finished is kept"
    else:
        title, words = f"step {number} of {count}, {_TITLES[stage]}", _words(found, done, total)
    return Progress(title=title, fraction=(number - 1 + within) / count, words=words, running_for=running_for)


_TITLES = {
    "example": "making the example",
    "preparing": "reading model and lists",
    "inference": "running the network over the pictures",
    "neighbours": "finding similar pictures",
    "reports": "counting by class",
    "diagnosis": "testing every cause",
    "projection": "drawing the map",
    "clusters": "looking for groups that fail",
    "diagnosis again": "testing again, groups included",
}


def _step(job: Job, found: dict[str, Any]) -> tuple[str, int, int]:
    """The step a job is in, its number from 1, and how many there are."""
    stage = str(found.get("stage") or "")
    if stage == "embedding":
        stage = "projection" if _has(job, layout.FINDINGS) else "neighbours"
    if stage == "diagnosis" and _has(job, layout.FINDINGS):
        stage = "diagnosis again"
    steps = list(_TITLES)[0 if job.kind == DEMO else 1 :]
    if stage not in steps:
        stage = steps[0]
    return stage, steps.index(stage) + 1, len(steps)


def _has(job: Job, name: str) -> bool:
    """Whether the job has written a file of the run already."""
    try:
        return (job.output / name).stat().st_mtime >= job.created
    except OSError:
        return False


def _written(found: dict[str, Any]) -> float:
    try:
        return datetime.fromisoformat(str(found.get("updated"))).timestamp()
    except ValueError:
        return 0.0


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


def _words(found: dict[str, Any], done: int, total: int) -> str:
    rate, left = found.get("rate"), found.get("seconds_left")
    words = [f"{done:,} of {total:,}"] if total else []
    if isinstance(rate, int | float) and rate > 0:
        words.append(f"{rate:,.0f} a second" if rate >= 10 else f"{rate:,.1f} a second")
    if isinstance(left, int | float):
        words.append(f"about {duration(left)} left in this step")
    return " · ".join(words)
