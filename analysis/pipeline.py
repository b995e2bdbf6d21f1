"""The order of a run: infer → report → diagnose → ask again → place on the map → diagnose again.

The second diagnosis knows the re-runs and the clusters. The first one is there so that a person reads results while
re-runs and the map, whose library compiles itself for some seconds, are still to come.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis import stages
from analysis.demo.story import HEALTHY, INVESTIGATION, Faults, build_demo
from analysis.errors import AnalysisError, InterruptedRunError, SpecError
from analysis.freed_memory import give_back
from analysis.inference.baseline import ask_baseline
from analysis.inference.predict import predict
from analysis.preparation import Prepared, prepare
from analysis.progress import Pace, ProgressCallback, silent
from analysis.run_meta import peak_rss_mb, run_meta
from analysis.runs import layout
from analysis.runs.run import Run
from analysis.runs.writer import RunWriter, refuse_foreign
from analysis.spec.investigation import Investigation, load_investigation

SKIPPABLE = frozenset({"projection", "clusters", "reruns", "confirmation", "duplicates"})
_NEWS_EVERY = 0.5  # seconds between two writings of progress.json


def run_demo(out: Path, *, healthy: bool, resume: bool, progress: ProgressCallback = silent) -> Run:
    """Build the example inside `out`, then run it.

    Args:
        out: The run directory; the example's own files lie in ``out/demo``.
        healthy: Plant nothing.
        resume: Go on with an interrupted run.
        progress: Called with stage, done, total.
    """
    refuse_foreign(out, resume)
    folder = out / layout.DEMO
    if not (folder / INVESTIGATION).is_file():
        progress("example", 0, 0)
        build_demo(folder, faults=HEALTHY if healthy else Faults())
    return run_investigation(load_investigation(folder / INVESTIGATION), out, resume=resume, progress=progress)


def run_investigation(
    spec: Investigation,
    out: Path,
    *,
    resume: bool = False,
    skip: frozenset[str] = frozenset(),
    progress: ProgressCallback = silent,
) -> Run:
    """Run inference and the whole checklist.

    Args:
        spec: What to diagnose.
        out: The run directory to write.
        resume: Go on in a directory that holds a part of the same run.
        skip: Stages to leave out, of `SKIPPABLE`.
        progress: Called with stage, done, total.

    Returns:
        The finished run.

    Raises:
        AnalysisError: On bad input; nothing that was finished is lost.
    """
    if unknown := skip - SKIPPABLE:
        raise SpecError(f"--skip {', '.join(sorted(unknown))}: can be skipped are {', '.join(sorted(SKIPPABLE))}.")
    refuse_foreign(out, resume)
    progress("preparing", 0, 0)
    prepared = prepare(spec)
    with RunWriter(out, resume=resume) as writer, _News(writer, progress) as news:
        return _Stages(prepared, writer, news, skip).run(resume)


class _News:
    """Passes progress on and keeps ``progress.json`` for whoever watches from another process."""

    def __init__(self, writer: RunWriter, progress: ProgressCallback) -> None:
        self._writer, self._progress = writer, progress
        self._pace, self._written, self._latest = Pace(), 0.0, dict[str, Any]()

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._progress(stage, done, total)
        pace = self._pace.update(stage, done, total)
        changed = pace["stage"] != self._latest.get("stage")
        self._latest = pace
        if changed or time.monotonic() - self._written > _NEWS_EVERY:
            self._write("running")

    def _write(self, state: str, message: str = "") -> None:
        self._written = time.monotonic()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._writer.write_progress(
            {**self._latest, "state": state, "message": message, "updated": now, "pid": os.getpid()}
        )

    def __enter__(self) -> "_News":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        stopped = isinstance(error, KeyboardInterrupt | InterruptedRunError)
        state = "done" if error is None else "interrupted" if stopped else "failed"
        if not isinstance(error, OSError):  # where writing failed, writing about it would too
            self._write(state, str(error) if isinstance(error, AnalysisError) else "")


class _Stages:
    """One run through all stages, with its timings and its ``run.json``."""

    def __init__(self, prepared: Prepared, writer: RunWriter, news: _News, skip: frozenset[str]) -> None:
        self._prepared, self._writer, self._news, self._skip = prepared, writer, news, skip
        self._meta: dict[str, Any] = {}
        self._notices: list[str] = []

    def run(self, resume: bool) -> Run:
        prepared, path = self._prepared, self._writer.path
        noticed: list[str] = []
        self._news("weights", 0, 0)
        stages.weigh(path, prepared.model, prepared.spec.baseline, noticed.append)
        summary = predict(
            prepared.model,
            prepared.dataset,
            prepared.groups,
            prepared.preprocessing,
            self._writer,
            prepared.spec.inference,
            resume=resume,
            progress=self._news,
        )
        give_back()
        self._meta = run_meta(prepared, summary)
        self._notices = list(dict.fromkeys([*prepared.notices, *summary.notices, *noticed]))
        self._save("running")
        stages.keep_log(path, prepared.log)
        stages.keep_hierarchy(path, prepared.levels)
        self._ask_baseline()
        with self._timed("embedding"):
            device = prepared.spec.inference.device
            stages.find_neighbours(Run.open(path), device, self._news, self._notices.append)
        with self._timed("reports"):
            stages.report(Run.open(path), prepared.train_count)
        with self._timed("diagnosis"):
            stages.judge(Run.open(path), self._news)
        if "duplicates" not in self._skip:
            with self._timed("duplicates"):
                stages.search_duplicates(Run.open(path), prepared, self._news, self._notices.append)
        if "reruns" not in self._skip:
            with self._timed("reruns"):
                confirm = "confirmation" not in self._skip
                stages.ask_again(Run.open(path), prepared, self._news, self._notices.append, confirm=confirm)
        if "projection" not in self._skip:
            with self._timed("embedding"):
                stages.place(Run.open(path), self._news, self._notices.append, clusters="clusters" not in self._skip)
        if not {"duplicates", "reruns", "projection"} <= self._skip:
            with self._timed("diagnosis"):
                stages.judge(Run.open(path), self._news)
        self._save("done")
        return Run.open(path)

    def _ask_baseline(self) -> None:
        prepared, run = self._prepared, Run.open(self._writer.path)
        if prepared.spec.baseline is not None:
            with self._timed("baseline"):
                self._notices += ask_baseline(
                    prepared.spec, run, prepared.dataset, prepared.preprocessing, progress=self._news
                )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        self._news(stage, 0, 0)
        began = time.perf_counter()
        yield
        give_back()
        timing = self._meta["timings"].setdefault(stage, {"seconds": 0.0, "samples": self._meta["counts"]["samples"]})
        timing["seconds"] = round(timing["seconds"] + time.perf_counter() - began, 3)
        self._save("running")

    def _save(self, state: str) -> None:
        self._meta |= {"state": state, "notices": self._notices, "peak_rss_mb": peak_rss_mb()}
        self._writer.write_meta(self._meta)
