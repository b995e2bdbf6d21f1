"""What a person at a terminal sees: progress on stderr, results on stdout."""

import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from analysis.jobs.news import told
from analysis.progress import Pace, ProgressCallback

_PLAIN_EVERY = 0.1  # fraction of a stage between two plain lines
_MARKS = {"supported": "●", "refuted": "○", "inconclusive": "?", "not_testable": "–", "errored": "!"}


@contextmanager
def progress_on_stderr() -> Iterator[ProgressCallback]:
    """Show a bar with rate and time left; plain lines where stderr is no terminal; in a job also tell its watchers."""
    if not sys.stderr.isatty():
        yield told(_PlainLines())
        return
    columns = (
        TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield _Bars(bars)


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars, self._tasks, self._pace = bars, dict[str, TaskID](), Pace()

    def __call__(self, stage: str, done: int, total: int) -> None:
        pace = self._pace.update(stage, done, total)
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total or None, rate="")
        self._bars.update(self._tasks[stage], completed=done, total=total or None, rate=_rate(pace))


class _PlainLines:
    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", -1)
        self._pace = Pace()

    def __call__(self, stage: str, done: int, total: int) -> None:
        pace = self._pace.update(stage, done, total)
        step = math.floor(done / total / _PLAIN_EVERY + 1e-9) if total else 0
        if (stage, step) == self._last:
            return
        self._last = (stage, step)
        left = f", {pace['seconds_left']:.0f} s left" if pace["seconds_left"] else ""
        of = f" {done:,} of {total:,}" if total else ""
        print(f"{stage}:{of} {_rate(pace)}{left}".rstrip(), file=sys.stderr, flush=True)


def _rate(pace: Mapping[str, Any]) -> str:
    return "" if pace["rate"] is None else f"{pace['rate']:,.0f}/s"


def print_findings(findings: Mapping[str, Any], title: str) -> None:
    """Print accuracy, the leading cause and the checklist to stdout."""
    console = Console(highlight=False)
    accuracy = findings["accuracy"]
    shown = [("overall", "n"), ("old", "n_old"), ("new", "n_new")]
    parts = [f"{name} {accuracy[name]:.1%} of {accuracy[n]:,}" for name, n in shown if accuracy.get(name) is not None]
    console.print(title, style="bold", markup=False, soft_wrap=True)
    console.print(f"Accuracy: {' · '.join(parts)} (chance {accuracy['chance']:.2%})", markup=False, soft_wrap=True)
    console.print(_verdict(findings), style="bold", markup=False, soft_wrap=True)
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for heading in ("", "verdict", "hypothesis", "gain", "what was measured"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"", "verdict"})
    for finding in findings["findings"]:
        gain = "" if finding.get("gain") is None or finding["verdict"] != "supported" else f"{finding['gain']:+.1%}"
        verdict = finding["verdict"].replace("_", " ")
        summary = finding["summary"].replace("[", r"\[")
        table.add_row(_MARKS.get(finding["verdict"], ""), verdict, finding["id"], gain, summary)
    console.print(table)


def _verdict(findings: Mapping[str, Any]) -> str:
    leading = findings["leading"]
    for finding in findings["findings"]:
        if finding["id"] == leading:
            return f"Leading cause: {finding['title']} ({leading})"
    return "No fault found: every cause that could be tested is refuted, inconclusive or beside the point."
