"""Classes at 200,000 rows, exports of a large run, a large pool; ``python -m tests.benchmarks.exploring_tables``.

Every figure is one call in this process, nothing of it cached before; memory is the most this process has held.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from analysis.exports.chosen import Chosen
from analysis.exports.export import export
from analysis.pool.search import alike
from analysis.runs.run import Run
from app.queries import classes, confusions, runs
from app.queries.classes import Filters
from app.queries.passing import Filter
from tests.benchmarks.large_run import write_large_run


def timed(what: str, action: Callable[[], object]) -> None:
    """Print the seconds of one call."""
    start = time.perf_counter()
    action()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<62} {time.perf_counter() - start:7.2f} s   {peak:6,.0f} MB at most so far", flush=True)


def read(run: Run, what: str, chosen: Chosen) -> int:
    """Bytes of an export, piece by piece."""
    return sum(len(chunk) for chunk in export(run, what, chosen).chunks)


def pool(rows: int, dims: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A made-up pool, block by block as shards come."""
    rng = np.random.default_rng(0)
    block = rng.normal(size=(1024, dims)).astype(np.float16)
    for start in range(0, rows, 1024):
        yield np.arange(start, start + 1024), block


def main() -> None:
    """Make the run, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--classes", type=int, default=200_000)
    parser.add_argument("--pool", type=int, default=1_000_000)
    parser.add_argument("--root", type=Path, help="where to keep the run; default: a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = given.root or Path(temporary)
        if not (root / "large" / "run.json").is_file():
            write_large_run(root / "large", samples=given.samples, classes=given.classes)
        os.environ["FAULTLINE_RUNS"] = str(root)
        key, run = runs.run_key("large"), Run.open(root / "large")
        timed("class table with shrunk recalls", lambda: classes.table(key))
        timed("sorted by shrunk recall", lambda: classes.ordered(key, Filters(sort="Shrunk recall")))
        timed("searched by a part of a name", lambda: classes.ordered(key, Filters(text="number 0012")))
        timed("class table of the samples that pass a filter", lambda: classes.table(key, Filter("loss > 2")))
        timed("closest rows in the head", lambda: classes.alike_in_head(key, 17))
        timed("most confused pairs", lambda: confusions.pairs(key, "All"))
        timed("matrix of 40 classes", lambda: confusions.matrix(key, 40))
        some = Chosen(ids=np.arange(0, len(run), 1000))
        for what, chosen in (
            ("samples", Chosen()),
            ("samples", some),
            ("datalab", Chosen()),
            ("fiftyone-labels", Chosen()),
        ):
            which = "all" if chosen.is_everything else f"{len(run) // 1000:,}"
            timed(f"export of {what}, {which} samples", lambda what=what, chosen=chosen: read(run, what, chosen))
        queries = np.random.default_rng(1).normal(size=(100, 256)).astype(np.float16)
        timed(
            f"{given.pool:,} × 256 pool, 100 samples, 100 diverse", lambda: alike(pool(given.pool, 256), queries, 100)
        )


if __name__ == "__main__":
    main()
