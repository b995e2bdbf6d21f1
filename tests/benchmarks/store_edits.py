"""Many writers on the store of what people add: is every edit there, once, and how long does one take?

``python -m tests.benchmarks.store_edits``: 20 processes add 50 lines each to ten shared notes, as people do who look
first and save then; whoever meets a conflict looks again. Then a process whose four threads write 100 notes is killed
at a random moment, ten times, and what it had acknowledged is looked for. Both on SQLite and on PostgreSQL.
"""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from analysis.investigations.item import ConflictError
from analysis.investigations.store import InvestigationStore
from tests.postgres import running

RUN = "00112233445566ff"
WRITERS, EDITS, NOTES = 20, 50, 10
KILLS = 10


def write(url: str, writer: int) -> tuple[list[float], int]:
    """Seconds of each saved edit, looking included, and how many conflicts were met."""
    seconds, conflicts = [], 0
    with InvestigationStore(url) as store:
        for edit in range(EDITS):
            started = time.perf_counter()
            subject = f"cluster:{random.randrange(NOTES)}"
            while True:
                seen = store.get(RUN, "note", subject)
                text = f"{seen.value['text'] if seen else ''}{writer} {edit}\n"
                try:
                    store.put(RUN, "note", subject, {"text": text}, author=f"writer {writer}",
                              expected=seen.version if seen else 0)  # fmt: skip
                    break
                except ConflictError:
                    conflicts += 1
            seconds.append(time.perf_counter() - started)
    return seconds, conflicts


def concurrent(url: str) -> str:
    """Run all writers at once and hold what is there against what was saved."""
    started = time.perf_counter()
    with ProcessPoolExecutor(WRITERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(write, [url] * WRITERS, range(WRITERS)))
    wall = time.perf_counter() - started
    with InvestigationStore(url) as store:
        lines = Counter(line for item in store.items(RUN, "note") for line in item.value["text"].splitlines())
        changes = [change.number for change in store.history(RUN, limit=None)]
    wanted = {f"{writer} {edit}" for writer in range(WRITERS) for edit in range(EDITS)}
    lost, twice = len(wanted - lines.keys()), sum(count - 1 for count in lines.values())
    is_whole = changes == list(range(len(wanted), 0, -1))
    seconds = 1000 * np.concatenate([taken for taken, _ in done])
    return (
        f"{len(wanted)} edits of {WRITERS} processes in {wall:.1f} s: {lost} lost, {twice} twice, history whole: "
        f"{is_whole}; {sum(count for _, count in done)} conflicts; an edit takes {np.median(seconds):.0f} ms (median), "
        f"{np.quantile(seconds, 0.95):.0f} ms (95 %), {seconds.max():.0f} ms at most"
    )


def acknowledge(url: str, name: str) -> None:
    """Four threads save 100 notes and print each name once it is acknowledged; to be killed meanwhile."""

    def work(thread: int) -> None:
        with InvestigationStore(url) as store:
            for number in range(25):
                subject = f"{name} {thread} {number}"
                store.put(RUN, "killed", subject, {"text": "x" * 2000}, author="ada", expected=0)
                os.write(1, f"{subject}\n".encode())  # one line a call: `print` writes its end apart

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def killed(url: str) -> str:
    """Kill the writing process ten times; count what it had acknowledged and what of that is there."""
    acknowledged: list[str] = []
    for attempt in range(KILLS):
        command = [sys.executable, "-m", "tests.benchmarks.store_edits", "acknowledge", url, str(attempt)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            stop_after = random.randrange(5, 95)
            assert process.stdout is not None
            for number, line in enumerate(process.stdout):
                acknowledged.append(line.strip())
                if number == stop_after:
                    process.send_signal(signal.SIGKILL)
    with InvestigationStore(url) as store:
        there = {item.subject for item in store.items(RUN, "killed")}
    lost = len(set(acknowledged) - there)
    return f"{KILLS} kills: {len(acknowledged)} acknowledged, {lost} of them lost, {len(there)} there"


def main() -> None:
    """Print the figures of both databases."""
    with tempfile.TemporaryDirectory() as folder, running() as server:
        for name, url in (("SQLite", f"sqlite:///{Path(folder) / 'notes.sqlite'}"), ("PostgreSQL", server.url())):
            print(f"{name}: {concurrent(url)}", flush=True)
            print(f"{name}: {killed(url)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["acknowledge"]:
        acknowledge(*sys.argv[2:])
    else:
        main()
