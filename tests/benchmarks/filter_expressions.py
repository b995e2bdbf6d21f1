"""How long a filter expression takes over many samples: `python -m tests.benchmarks.filter_expressions [N]`.

The columns are in memory as the app keeps them; `first` is reading a column from Arrow once, `again` the median of
seven evaluations. Processor time, so that other work on the machine lengthens it little.
"""

import statistics
import sys
import time

import numpy as np
import pyarrow as pa

from analysis.arrays import AnyArray
from analysis.expressions.columns import Column, column_of
from analysis.expressions.parser import parse

CLASSES = 8_000
EXPRESSIONS = (
    'label = "class 0004" and loss > 2 and camera = "b"',
    'label in ("class 0001", "class 0002") or not correct',
    "label = prediction and confidence < 0.5",
    'label contains "77" and loss > 1',
    "camera is missing or iso >= 800",
    'filepath contains "12345"',
)


def table(n: int) -> dict[str, "pa.Array | AnyArray"]:
    """N samples with the columns that people filter by."""
    rng = np.random.default_rng(0)
    names = pa.array([f"class {number:04d}" for number in range(CLASSES)])
    cameras = pa.array(["a", "b", "c", None])
    return {
        "label": names.take(pa.array(rng.integers(0, CLASSES, n))),
        "prediction": names.take(pa.array(rng.integers(0, CLASSES, n))),
        "camera": cameras.take(pa.array(rng.integers(0, 4, n))),
        "filepath": pa.array([f"images/{number // 1000:05d}/{number}.jpg" for number in range(n)]),
        "loss": rng.exponential(1, n).astype(np.float32),
        "confidence": rng.random(n, dtype=np.float32),
        "iso": rng.integers(50, 3200, n),
        "correct": rng.random(n) < 0.6,
    }


def milliseconds(start: float) -> float:
    """Since `start`."""
    return 1000 * (time.process_time() - start)


def main() -> None:
    """Print one line a column and an expression."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    columns: dict[str, Column] = {}
    for name, values in table(n).items():
        start = time.process_time()
        columns[name] = column_of(values)
        print(f"{milliseconds(start):8.1f} ms first  {name}")
    for text in EXPRESSIONS:
        took = []
        for _ in range(7):
            start = time.process_time()
            passing = int(parse(text).mask(columns.__getitem__, n).sum())
            took.append(milliseconds(start))
        print(f"{statistics.median(took):8.1f} ms again  {passing:>9,} pass  {text}")


if __name__ == "__main__":
    main()
