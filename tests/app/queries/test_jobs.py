"""Jobs as pages see them: names, steps, words."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import AnalysisError
from analysis.jobs.job import Job, JobState
from analysis.jobs.store import JobStore
from app.people import Person, Role
from app.queries import jobs

pytestmark = pytest.mark.usefixtures("no_processes")


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    return tmp_path


def _running(root: Path, kind: str, progress: dict[str, Any]) -> Job:
    store = JobStore(root)
    job, _ = store.add(kind=kind, title="x", output=root / "x", command=(kind,))
    store.begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    (root / "x").mkdir()
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="seconds")
    (root / "x" / "progress.json").write_text(json.dumps({"state": "running", "updated": soon, **progress}))
    running = store.get(job.id)
    assert running is not None
    return running


@pytest.mark.parametrize(
    ("kind", "stage", "title"),
    [
        ("run", "preparing", "step 1 of 8, reading model and lists"),
        ("run", "inference", "step 2 of 8, running the network over the pictures"),
        ("run", "embedding", "step 3 of 8, finding similar pictures"),
        ("run", "diagnosis", "step 5 of 8, testing every cause"),
        ("demo", "example", "step 1 of 9, making the example"),
        ("demo", "clusters", "step 8 of 9, looking for groups that fail"),
        ("run", "something new", "step 1 of 8, reading model and lists"),
    ],
)
def test_stages_are_told_as_steps(root: Path, kind: str, stage: str, title: str) -> None:
    assert jobs.progress(_running(root, kind, {"stage": stage, "done": 0, "total": 0})).title == title


def test_the_second_diagnosis_is_a_step_of_its_own(root: Path) -> None:
    job = _running(root, "run", {"stage": "diagnosis", "done": 1, "total": 2})
    (root / "x" / "findings.json").write_text("{}")
    found = jobs.progress(job)
    assert found.title == "step 8 of 8, testing again, groups included"
    assert found.fraction == pytest.approx(7.5 / 8)


def test_findings_of_an_earlier_run_do_not_count(root: Path) -> None:
    job = _running(root, "run", {"stage": "diagnosis", "done": 0, "total": 0})
    (root / "x" / "findings.json").write_text("{}")
    os.utime(root / "x" / "findings.json", (1, 1))
    assert jobs.progress(job).title.startswith("step 5")


def test_progress_left_over_from_before_is_not_told(root: Path) -> None:
    job = _running(root, "run", {"stage": "clusters", "updated": "2020-01-01T00:00:00+00:00"})
    assert jobs.progress(job).title.startswith("step 1")


@pytest.mark.parametrize("jump", [-86_400, 86_400])
def test_progress_is_told_whatever_the_clock_does_meanwhile(root: Path, jump: float) -> None:
    then = (datetime.now(UTC) + timedelta(seconds=jump)).isoformat(timespec="seconds")
    job = _running(root, "run", {"stage": "clusters", "updated": then, "pid": 1})
    assert jobs.progress(job).title == "step 7 of 8, looking for groups that fail"


def test_progress_of_another_process_is_not_told(root: Path) -> None:
    job = _running(root, "run", {"stage": "clusters", "pid": 2})
    assert jobs.progress(job).title.startswith("step 1")


def test_rate_and_time_left_are_words(root: Path) -> None:
    job = _running(root, "run", {"stage": "inference", "done": 5, "total": 1000, "rate": 2.5, "seconds_left": 398.0})
    assert jobs.progress(job).words == "5 of 1,000 · 2.5 a second · about 6 min 38 s left in this step"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7500, "2 h 5 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert jobs.duration(seconds) == words


def test_a_run_id_is_made_of_the_title_and_is_free(root: Path) -> None:
    assert jobs.free_run_id("Plant ID: 5,071 → 7,734 classes") == "plant-id-5-071-7-734-classes"
    (root / "leaves").mkdir()
    assert jobs.free_run_id("Leaves!") == "leaves-2"
    JobStore(root).add(kind="run", title="x", output=root / "leaves-2", command=("run",))
    assert jobs.free_run_id("leaves") == "leaves-3"
    assert jobs.free_run_id("日本") == "run"


def test_two_tabs_that_start_the_same_get_the_same_job(root: Path, no_processes: list[Job]) -> None:
    first = jobs.start_demo()
    assert jobs.start_demo() == first
    assert len(no_processes) == 1


def test_an_interrupted_start_goes_on(root: Path, no_processes: list[Job]) -> None:
    (root / "demo").mkdir()
    (root / "demo" / "progress.json").write_text("{}")
    assert jobs.start_demo().command[-1] == "--resume"


def test_a_queued_job_that_is_cancelled_is_over(root: Path) -> None:
    job = jobs.start_demo()
    jobs.cancel(job.id)
    ended = jobs.refreshed(job.id)
    assert ended is not None
    assert ended.state is JobState.CANCELLED
    assert jobs.active_for("demo") is None


def test_a_job_that_waits_says_how_many_come_before_it(root: Path) -> None:
    jobs.start_demo()
    job = jobs.start_on_run("x", kind="recluster", title="Clusters", command=("recluster", "x"), device="auto")
    assert job.state is JobState.QUEUED
    found = jobs.progress(job)
    assert (found.title, found.fraction) == ("waiting", 0.0)
    assert found.words.startswith("1 before it on ")


def test_work_of_a_new_kind_tells_its_own_stage(root: Path) -> None:
    job = jobs.start_on_run("x", kind="recluster", title="Clusters", command=("recluster", "x"))
    JobStore(root).begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    now = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="seconds")
    job.news.write_text(
        json.dumps({"stage": "clusters", "done": 1, "total": 4, "rate": 2.0, "state": "running", "updated": now})
    )
    found = jobs.refreshed(job.id)
    assert found is not None
    assert jobs.progress(found).title == "clusters"
    assert jobs.progress(found).fraction == pytest.approx(0.25)


def test_who_may_only_look_starts_and_stops_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, no_processes: list[Job]
) -> None:
    job = jobs.start_demo()
    monkeypatch.setattr(jobs.people, "current", lambda: Person(name="Eve", role=Role.VIEWER))
    for act in (
        jobs.start_demo,
        lambda: jobs.start_run(root / "a.toml", title="x", run_id="x"),
        lambda: jobs.start_on_run("x", kind="pool", title="x", command=("pool",)),
        lambda: jobs.resume(job),
        lambda: jobs.cancel(job.id),
    ):
        with pytest.raises(AnalysisError, match="role editor"):
            act()
    assert no_processes == [job]


def test_a_job_is_signed_by_who_started_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.people, "current", lambda: Person(name="Ada", role=Role.EDITOR))
    assert jobs.start_demo().author == "Ada"
    (root / "gpu.toml").write_text('[inference]\ndevice = "cuda:3"\n')
    assert jobs.start_run(root / "gpu.toml", title="x", run_id="x").device == "cuda:3"
