"""Jobs as pages see them: start, cancel, resume, and how far one is."""

import json
import re
import time
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from analysis.errors import OutputError
from analysis.jobs import launch
from analysis.jobs.job import Job, JobState, place_in_queue
from analysis.jobs.log import tail
from analysis.jobs.store import FILE, FOLDER, JobStore
from analysis.runs import layout
from app import people
from app.access import audit
from app.queries import runs
from app.queries.roots import runs_root

DEMO = "demo"
_LOOKED_AT = 50  # newest jobs, among which every active one is
ONLY_LOOKING = "You may look at everything, but not start, stop or change anything. Ask for the editor role."


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an active job is; `fraction` 0..1 of all its steps, each counted alike; a waiting one has done none."""

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
    """The newest jobs, newest first.

    Before, jobs whose process is gone are marked dead, and those whose turn it is are started. Looking makes no files
    where there are none yet, and runs on a read-only disk can be looked at.
    """
    if not (runs_root() / FOLDER / FILE).is_file():
        return []
    try:
        found = store().newest(max(limit, _LOOKED_AT))
        if any(job.state.active for job in found):  # nothing else needs tending, and everybody looks all the time
            launch.tend(store())
            found = store().newest(limit)
        return found[:limit]
    except OutputError:
        return []


def refreshed(number: int) -> Job | None:
    """One job as it is now; dead if its process is gone."""
    launch.tend(store())
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
    arguments = ("run", str(investigation))
    return _start(kind="run", title=title, run_id=run_id, arguments=arguments, device=_device(investigation))


def start_on_run(run_id: str, *, kind: str, title: str, command: tuple[str, ...], device: str = "cpu") -> Job:
    """Start other work on a run that is there, such as clustering it anew; the same work asked for twice is one job.

    Args:
        run_id: The run it writes; it starts when no other job is at work on that run.
        kind: A word for it: ``recluster``, ``pool``, …
        title: What people call it.
        command: All arguments of ``python -m analysis``.
        device: What it computes on, as ``[inference] device`` says it.

    Raises:
        AnalysisError: If this person may only look.
    """
    return _launch(kind=kind, title=title, output=runs.run_path(run_id), command=command, device=device)


def resume(job: Job) -> Job:
    """Go on with an interrupted, failed or dead job: same command, same output.

    Raises:
        AnalysisError: If this person may only look.
    """
    command = tuple(part for part in job.command if part != "--resume")
    command = (*command, "--resume") if can_go_on(job) else command
    return _launch(kind=job.kind, title=job.title, output=job.output, command=command, device=job.device)


def can_go_on(job: Job) -> bool:
    """Whether something is finished that the same job need not do again."""
    return job.kind in WHOLE_RUNS and _was_begun(job.output)


def cancel(number: int) -> None:
    """Ask a job to stop; what it finished is kept.

    Raises:
        AnalysisError: If this person may only look.
    """
    author = _may_edit()
    launch.cancel(store(), number)
    audit.record("stopped a job", by=author, job=number)


def _may_edit() -> str:
    """The name of the person, who may start and stop jobs."""
    return people.must_edit("start or stop a job").name


def _launch(*, kind: str, title: str, output: Path, command: tuple[str, ...], device: str) -> Job:
    author = _may_edit()
    audit.record("started a job", by=author, kind=kind, title=title, run=output.name)
    return launch.start(
        store(), kind=kind, title=title, output=output, command=command, device=device, author=author
    )  # fmt: skip


def dismiss(job: Job) -> None:
    """A job that ended badly need not be told of any more.

    Raises:
        AnalysisError: If this person may only look.
    """
    _may_edit()
    store().dismiss(job.output)


def log_tail(job: Job, lines: int = 40) -> str:
    """The end of a job's log."""
    return tail(job.log, lines)


def progress(job: Job) -> Progress:
    """How far an active job is."""
    running_for = max(0.0, time.time() - (job.started or job.created))
    if not job.state.at_work:
        return Progress(title="waiting", fraction=0.0, words=_queue_words(job), running_for=running_for)
    found = (runs.progress(job.output.name) if job.kind in WHOLE_RUNS else _news(job)) or {}
    if _is_left_over(job, found) or found.get("state") != "running":
        found = {}  # left over from before, or not there yet
    done, total = int(found.get("done") or 0), int(found.get("total") or 0)
    within = min(1.0, done / total) if total else 0.0
    title, fraction = str(found.get("stage") or "starting"), within
    if job.kind in WHOLE_RUNS:
        stage, number, count = _step(job, found)
        title, fraction = f"step {number} of {count}, {_TITLES[stage]}", (number - 1 + within) / count
    if job.state is JobState.CANCELLING:
        return Progress(
            title="stopping", fraction=fraction, words="what is finished is kept", running_for=running_for
        )  # fmt: skip
    return Progress(title=title, fraction=fraction, words=_words(found, done, total), running_for=running_for)


def _queue_words(job: Job) -> str:
    """Where a waiting job stands and what it waits for."""
    before = place_in_queue(job, store().active())
    if not before:
        return "until nobody else writes this run; then it starts by itself"
    return f"{before} before it on {job.device}; it starts by itself, with or without this page"


def _news(job: Job) -> dict[str, Any] | None:
    try:
        found = json.loads(job.news.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _device(investigation: Path) -> str:
    """What an investigation computes on; a file that cannot be read is the job's to complain about."""
    try:
        found = tomllib.loads(investigation.read_text("utf-8")).get("inference", {}).get("device", "auto")
    except (OSError, ValueError, AttributeError):
        return "auto"
    return found if isinstance(found, str) else "auto"


WHOLE_RUNS = frozenset({DEMO, "run"})  # kinds that write a run from its beginning
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


def _is_left_over(job: Job, found: dict[str, Any]) -> bool:
    """Whether somebody before this job told it: known by the process, and not by clocks, which may jump meanwhile."""
    if job.kind not in WHOLE_RUNS:
        return False  # its own file
    if "pid" in found:
        return bool(found["pid"] != job.pid)
    return _written(found) < job.created - 1  # a run that an earlier version began


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


def _start(*, kind: str, title: str, run_id: str, arguments: tuple[str, ...], device: str = "auto") -> Job:
    _may_edit()
    runs_root().mkdir(parents=True, exist_ok=True)
    output = runs.run_path(run_id)
    resume_it = ("--resume",) if _was_begun(output) else ()
    command = (*arguments, "--out", str(output), *resume_it)
    return _launch(kind=kind, title=title, output=output, command=command, device=device)


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
