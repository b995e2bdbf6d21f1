"""The neighbour graph on a CUDA device against the processors: seconds, memory, and whether they agree.

By hand, on a machine with such a device: ``python -m tests.benchmarks.neighbour_graph --samples 50000 200000 1000000``.
The processors answer sizes up to ``--compared`` only.
"""

import argparse
import time

import numpy as np
import torch

from analysis.arrays import FloatArray
from analysis.embedding.neighbours import Neighbours, neighbours

K = 15


def grouped(samples: int, dims: int) -> FloatArray:
    """N rows in D dims about 1,000 centres, float16 as runs keep them."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((1_000, dims), dtype=np.float32)
    rows = centres[rng.integers(0, len(centres), samples)]
    rows += rng.standard_normal((samples, dims), dtype=np.float32)
    return rows.astype(np.float16)


def timed(embeddings: FloatArray, device: str) -> tuple[float, Neighbours]:
    """Seconds and the graph."""
    began = time.perf_counter()
    graph = neighbours(embeddings, K, device=device)
    return time.perf_counter() - began, graph


def shared(first: Neighbours, second: Neighbours) -> float:
    """Share of the first's neighbours that the second names too."""
    return float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(first.index, second.index, strict=True)]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, nargs="+", default=[50_000])
    parser.add_argument("--dims", type=int, default=256)
    parser.add_argument("--compared", type=int, default=50_000)
    parser.add_argument("--device", default="cuda")
    arguments = parser.parse_args()
    timed(grouped(5_000, arguments.dims), arguments.device)  # the device's first start is not the graph's
    for samples in arguments.samples:
        embeddings = grouped(samples, arguments.dims)
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        seconds, graph = timed(embeddings, arguments.device)
        peak = torch.cuda.max_memory_allocated() / 2**20 if torch.cuda.is_available() else 0
        line = f"{samples:,} x {arguments.dims}: {arguments.device} {seconds:.2f} s, {peak:,.0f} MB there"
        if samples <= arguments.compared:
            ours, reference = timed(embeddings, "cpu")
            near = np.abs(np.sort(graph.similarity, 1) - np.sort(reference.similarity, 1)).max()
            line += f"; processors {ours:.2f} s, ratio {ours / seconds:.1f}, shared {shared(graph, reference):.5f}"
            line += f", cosines at most {near:.1e} apart"
        print(line, flush=True)


if __name__ == "__main__":
    main()
