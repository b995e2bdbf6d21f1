"""A job killed (−9) at random moments and resumed: is the run the same, bit by bit?

Run by hand: ``python -m tests.benchmarks.job_kills [--kills 20] [--in-pass 8] [--skip reruns] [--seed 0]``. The
investigation is the built-in example, four pictures at a time, so that a pass over the pictures commits a dozen shards.
Of the kills so many hit a pass, the new model's or the old one's, when a random number of its shards is committed; the
others come at a random time. Two runs that nobody disturbs come first: what already differs between those (a budget of
time spent otherwise) says nothing about kills, and is listed. Left out are clocks: run.json's timings, `seconds`,
`progress.json`.
"""

import argparse
import hashlib
import json
import os
import random
import re
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow.parquet as pq

from analysis.demo.story import INVESTIGATION, Faults, build_demo
from analysis.jobs import launch
from analysis.jobs.job import Job, JobState
from analysis.jobs.log import tail
from analysis.jobs.store import JobStore
from analysis.runs import layout

BATCH = 4
SHARDS = 12  # of a pass with this batch size; the example has 896 pictures to validate with
CLOCKS = {"seconds", "timings", "created", "peak_rss_mb", "started", "finished", "spec", "environment"}
_SECONDS = re.compile(r"for at most [0-9.,]+ s")  # a notice tells how long the re-runs may take, a part of the pass
LEFT_OUT = {"progress.json", ".lock"}


def main() -> None:
    """Run the trials and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--in-pass", type=int, default=8)
    parser.add_argument("--skip", default="")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trials = _Trials(Path(folder), given.skip)
        first, seconds = trials.undisturbed("first")
        second, again = trials.undisturbed("second")
        unstable = _differing(first, second)
        print(f"undisturbed: {seconds:.0f} s and {again:.0f} s, {len(first)} files", flush=True)
        print(f"differing between the two: {sorted(unstable) or 'nothing'}", flush=True)
        chance, different = random.Random(given.seed), 0
        for number in range(given.kills):
            moment: Moment = AfterSeconds(chance.uniform(0.0, seconds))
            if number < given.in_pass:
                moment = ShardsCommitted("" if number % 4 else "baseline", chance.randrange(SHARDS))
            found, stage = trials.killed(f"kill-{number}", moment)
            differing = _differing(first, found) - unstable
            different += bool(differing)
            print(f"{number + 1:3d}  {moment}  {stage:28s} {sorted(differing) or 'identical'}", flush=True)
        print(f"{given.kills - different} of {given.kills} identical", flush=True)


@dataclass(frozen=True)
class AfterSeconds:
    """A moment by the clock."""

    seconds: float

    def __str__(self) -> str:
        return f"after {self.seconds:5.1f} s           "

    def has_come(self, run: Path, began: float) -> bool:
        """Whether it is time."""
        return time.monotonic() - began >= self.seconds


@dataclass(frozen=True)
class ShardsCommitted:
    """A moment within a pass over the pictures: so many shards are committed, and the next is under way."""

    model: str  # "" the new one, "baseline" the old one
    shards: int

    def __str__(self) -> str:
        return f"{self.model or 'model':8s} {self.shards:2d} shards there"

    def has_come(self, run: Path, began: float) -> bool:
        """Whether it is time."""
        folder = run / self.model / layout.SHARDS
        return folder.is_dir() and len(list(folder.glob("shard-*.npz"))) >= self.shards


Moment: TypeAlias = AfterSeconds | ShardsCommitted


class _Trials:
    def __init__(self, folder: Path, skip: str) -> None:
        self._store = JobStore(folder)
        self._folder = folder
        build_demo(folder / "example", faults=Faults())
        with (folder / "example" / INVESTIGATION).open("a", encoding="utf-8") as file:
            file.write(f"\n[inference]\nbatch_size = {BATCH}\n")
        self._command = ["run", str(folder / "example" / INVESTIGATION), *(["--skip", skip] if skip else [])]

    def undisturbed(self, name: str) -> tuple[dict[str, str], float]:
        began = time.monotonic()
        self._until_ended(self._start(name))
        return _content(self._folder / name), time.monotonic() - began

    def killed(self, name: str, moment: Moment) -> tuple[dict[str, str], str]:
        """Kill once, resume; the content of the run and the stage in which it died."""
        job, run, began = self._start(name), self._folder / name, time.monotonic()
        while not moment.has_come(run, began) and _now(self._store, job).state.active:
            time.sleep(0.002)
        running = _now(self._store, job)
        stage = "ended before"
        if running.pid and running.state.active:
            os.killpg(running.pid, signal.SIGKILL)
            stage = _stage(run)
        while _now(self._store, job).state.active:
            launch.tend(self._store)
            time.sleep(0.05)
        if _now(self._store, job).state is not JobState.DONE:
            self._until_ended(self._start(name, *(["--resume"] if (self._folder / name).exists() else [])))
        return _content(self._folder / name), stage

    def _start(self, name: str, *more: str) -> Job:
        command = (*self._command, "--out", str(self._folder / name), *more)
        return launch.start(
            self._store, kind="run", title=name, output=self._folder / name, command=command, device="cpu"
        )

    def _until_ended(self, job: Job) -> None:
        while (now := _now(self._store, job)).state.active:
            launch.tend(self._store)
            time.sleep(0.05)
        if now.state is not JobState.DONE:
            raise SystemExit(f"{now.state}: {tail(now.log)}")


def _now(store: JobStore, job: Job) -> Job:
    found = store.get(job.id)
    assert found is not None
    return found


def _stage(run: Path) -> str:
    committed = [len(list(folder.glob("shard-*.npz"))) for folder in run.rglob(layout.SHARDS)]
    shards = f" ({committed[0]} shards)" if committed else ""
    try:
        return str(json.loads((run / "progress.json").read_text())["stage"]) + shards
    except (OSError, ValueError, KeyError):
        return f"start{shards}"


def _content(run: Path) -> dict[str, str]:
    """A digest of every file's content without clocks."""
    return {
        str(file.relative_to(run)): hashlib.sha256(b"".join(_parts(file))).hexdigest()
        for file in sorted(run.rglob("*"))
        if file.is_file() and file.name not in LEFT_OUT
    }


def _parts(file: Path) -> Iterator[bytes]:
    if file.suffix == ".json":
        yield json.dumps(_without_clocks(json.loads(file.read_text("utf-8"))), sort_keys=True).encode()
    elif file.suffix == ".parquet":
        table = pq.read_table(file)
        for name in table.column_names:
            if name not in CLOCKS:
                yield name.encode() + repr(table.column(name).to_pylist()).encode()
    elif file.suffix == ".npz":
        with np.load(file, allow_pickle=False) as stored:
            for name in stored.files:
                yield name.encode() + stored[name].tobytes()
    else:
        yield file.read_bytes()


def _without_clocks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_clocks(inner) for name, inner in value.items() if name not in CLOCKS}
    if isinstance(value, str):
        return _SECONDS.sub("for at most … s", value)
    return [_without_clocks(inner) for inner in value] if isinstance(value, list) else value


def _differing(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


if __name__ == "__main__":
    main()
