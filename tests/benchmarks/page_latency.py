"""How long a page's script runs after a filter change; by hand: ``python -m tests.benchmarks.page_latency``.

A filter change is one whole rerun of the page, as the server does it (AppTest; no browser). Three values of each filter
are tried, each for the first time (nothing of its answer is cached) and then again. In brackets: the processor time of
the same, which other work on the machine does not lengthen; last the memory of the process.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
from streamlit.testing.v1 import AppTest

from tests.app.pages import open_page
from tests.benchmarks.large_run import write_large_run

Change = tuple[str, str, list[object]]  # kind of element, key, values

CHANGES: dict[str, list[Change]] = {
    "overview": [],
    "logits": [
        ("segmented_control", "log_measure", ["Margin", "Largest logit", "Label's logit"]),
        ("segmented_control", "log_outcome", ["Wrong", "Correct", "All"]),
    ],
    "classes": [
        ("text_input", "cls_text", ["12", "species", "number 07"]),
        ("segmented_control", "cls_group", ["New", "Old", "All"]),
        ("selectbox", "cls_sort", ["Recall", "Head norm", "Support"]),
        ("segmented_control", "cls_view", ["Confusions", "Table", "Confusions"]),
    ],
    "examples": [
        ("segmented_control", "ex_outcome", ["Wrong", "Correct", "All"]),
        ("segmented_control", "ex_group", ["New", "Old", "All"]),
        ("text_input", "ex_label", ["species number 00", "#17", "12"]),
        ("selectbox", "ex_sort", ["Entropy", "Label quality", "Margin"]),
    ],
    "checklist": [],
    "clusters": [("selectbox", "clu_colour", ["Cluster", "Label", "Loss"])],
}
LINKS = {
    "classes": {"cls": 17},
    "examples": {"sample": 40_000, "where": 'loss > 2 and camera = "drone"'},
    "clusters": {"cluster": 3},
}


class Took(NamedTuple):
    """Milliseconds of one run of the script; the larger of two is the one with more processor time."""

    cpu: float
    wall: float

    def __str__(self) -> str:
        return f"{self.wall:5.0f} ms ({self.cpu:4.0f})"


def timed(action: Callable[[], AppTest]) -> tuple[Took, AppTest]:
    """What one run of the script took, and the app after it."""
    start, used = time.perf_counter(), time.process_time()
    app = action()
    elapsed = Took(1000 * (time.process_time() - used), 1000 * (time.perf_counter() - start))
    if app.exception or any("failed" in str(error.value) for error in app.error):
        raise SystemExit(f"the page failed: {[error.value for error in (*app.exception, *app.error)]}")
    return elapsed, app


def _resident() -> float:
    return psutil.Process().memory_info().rss / 1e6


def measure(page: str) -> None:
    """Print the figures of one page."""
    cold, app = timed(lambda: open_page(page, run="large"))
    warm, app = timed(lambda: open_page(page, run="large"))
    print(f"{page}: first opening {cold}, again {warm}, {_resident():.0f} MB", flush=True)
    for kind, key, values in CHANGES[page]:
        first, again = [], []
        for times in (first, again):
            for value in values:
                control = getattr(app, kind)(key=key)
                elapsed, app = timed(lambda control=control, value=value: control.set_value(value).run())
                times.append(elapsed)
        print(f"  {key:<14} new value {max(first)} at most, seen before {statistics.median_high(again)}", flush=True)
        getattr(app, kind)(key=key).set_value("" if kind == "text_input" else values[-1]).run()
    for name, value in LINKS.get(page, {}).items():
        elapsed, _ = timed(lambda name=name, value=value: open_page(page, run="large", **{name: value}))
        print(f"  {f'?{name}={value}':<14} opened    {elapsed}, {_resident():.0f} MB", flush=True)


def main() -> None:
    """Make the run, measure every page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=50_000)
    parser.add_argument("--classes", type=int, default=8_000)
    parser.add_argument("--root", type=Path, help="where to keep the run; default: a temporary folder")
    parser.add_argument("--pages", nargs="*", choices=tuple(CHANGES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = given.root or Path(temporary)
        if not (root / "large" / "run.json").is_file():
            write_large_run(root / "large", samples=given.samples, classes=given.classes)
        os.environ["FAULTLINE_RUNS"] = str(root)
        for page in given.pages or CHANGES:
            measure(page)


if __name__ == "__main__":
    main()
