"""Map and clusters from nothing, ours against umap-learn and hdbscan as they come: seconds, memory and quality.

By hand: ``python tests/benchmarks/layout_and_clusters.py [--samples 50000] [--dims 256] [--repeats 1] [--ways ours]``.
Every measurement is a process of its own, imports and compilation included, because that is what a person waits for.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from analysis.arrays import FloatArray, IntArray

JUDGED = 5000
NEIGHBOURS = 15
PLANTED = 0.01
CHUNK = 50_000


def embeddings(samples: int, dims: int, seed: int = 0) -> tuple[FloatArray, IntArray]:
    """ReLU-like vectors of 2,000 classes in 60 families, (N, D) float16; 1 % of them moved to a place of their own.

    Returns:
        The vectors, and each one's class, −1 for the planted group.
    """
    rng = np.random.default_rng(seed)
    family = rng.normal(size=(60, dims))
    centre = 0.8 * family[rng.integers(60, size=2000)] + 0.6 * rng.normal(size=(2000, dims))
    label = rng.integers(2000, size=samples)
    mixing, place = rng.normal(size=(12, dims)), rng.normal(size=dims)
    planted = rng.permutation(samples)[: int(PLANTED * samples)]
    is_planted = np.zeros(samples, dtype=np.bool_)
    is_planted[planted] = True
    vectors = np.empty((samples, dims), dtype=np.float16)
    for start in range(0, samples, CHUNK):  # a million of them would not fit as float64
        part = slice(start, start + CHUNK)
        own = centre[label[part]]
        own += rng.normal(size=(len(own), 12)) * 0.35 @ mixing + rng.normal(size=own.shape) * 0.25
        own[is_planted[part]] = 0.6 * own[is_planted[part]] + 1.1 * place
        vectors[part] = np.maximum(own, 0)
    label[planted] = -1
    return vectors, label


def ours(file: Path) -> tuple[dict[str, float], FloatArray, IntArray]:
    """Seconds of each step, the layout and the clusters of the product."""
    from analysis.embedding.clusters import cluster
    from analysis.embedding.neighbours import neighbours
    from analysis.embedding.projection import project

    clock = _Clock()
    vectors = np.load(file, mmap_mode="r")
    graph = neighbours(vectors, notice=lambda said: print(said, file=sys.stderr))
    clock.lap("neighbours")
    points = project(vectors, graph)
    clock.lap("layout")
    found = cluster(vectors, graph, projection=points)
    clock.lap("clustering")
    return clock.laps, points, found


def defaults(file: Path) -> tuple[dict[str, float], FloatArray, IntArray]:
    """The same of the libraries with their own defaults; unit vectors, so that Euclidean order is cosine order."""
    import hdbscan
    import umap

    clock = _Clock()
    vectors = np.load(file).astype(np.float32)
    points = umap.UMAP().fit_transform(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    clock.lap("layout")
    # In the original space it does not end within minutes at this size.
    found = hdbscan.HDBSCAN(min_cluster_size=max(15, len(points) // 500)).fit_predict(points)
    clock.lap("clustering")
    return clock.laps, points, found


WAYS: dict[str, Callable[[Path], tuple[dict[str, float], FloatArray, IntArray]]] = {"ours": ours, "defaults": defaults}


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now


def quality(vectors: FloatArray, label: IntArray, points: FloatArray, found: IntArray) -> dict[str, float]:
    """Trustworthiness of the map, share of same-class neighbours on it, and how well the planted group is found."""
    from scipy.spatial import cKDTree
    from sklearn.manifold import trustworthiness

    some = np.random.default_rng(0).choice(len(vectors), min(JUDGED, len(vectors)), replace=False)
    _, near = cKDTree(points).query(points[some], k=2)
    planted = label == -1
    sizes = np.bincount(found + 1)
    shared = np.bincount(found[planted] + 1, minlength=len(sizes))
    best = int(np.argmax(2 * shared / (sizes + planted.sum())))
    return {
        "trustworthiness": trustworthiness(
            vectors[some].astype(np.float32), points[some], n_neighbors=NEIGHBOURS, metric="cosine"
        ),
        "same_class_neighbour": float((label[near[:, 1]] == label[some]).mean()),
        "clusters": len(sizes) - 1,
        "in_none": float((found < 0).mean()),
        "planted_recall": float(shared[best] / planted.sum()),
        "planted_precision": float(shared[best] / sizes[best]),
    }


def measure(way: str, file: Path) -> dict[str, float]:
    """Run one way in a fresh process and judge what it made."""
    made = file.with_name(f"{way}.npz")
    started = time.perf_counter()
    told = subprocess.run(
        [sys.executable, __file__, "--child", way, str(file), str(made)], check=True, stdout=subprocess.PIPE, text=True
    )
    seconds = time.perf_counter() - started
    with np.load(made) as arrays, np.load(file.with_name("label.npz")) as truth:
        judged = quality(np.load(file, mmap_mode="r"), truth["label"], arrays["points"], arrays["found"])
    return {"seconds": seconds, **json.loads(told.stdout.splitlines()[-1]), **judged}


def child(way: str, file: Path, made: Path) -> None:
    """The measured process."""
    laps, points, found = WAYS[way](file)
    np.savez(made, points=points, found=found)
    used = resource.getrusage(resource.RUSAGE_SELF)
    # On a machine that others use, seconds of processor time say more than seconds.
    print(json.dumps({**laps, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_rss_mb": used.ru_maxrss / 1024}))


def main() -> None:
    """Interleave the ways, print a line each, then the ratios of their medians: by the clock and of the processor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=50_000)
    parser.add_argument("--dims", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--ways", nargs="*", choices=tuple(WAYS), default=tuple(WAYS))
    given = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {way: [] for way in given.ways}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "embeddings.npy"
        vectors, label = embeddings(given.samples, given.dims)
        np.save(file, vectors)
        np.savez(file.with_name("label.npz"), label=label)
        for _ in range(given.repeats):
            for way, results in found.items():
                result = measure(way, file)
                results.append(result)
                print(way, ", ".join(f"{name} {value:.3g}" for name, value in result.items()), flush=True)
    if len(found) == len(WAYS):
        for name in ("seconds", "cpu_seconds"):
            ours, defaults = (np.median([result[name] for result in found[way]]) for way in WAYS)
            print(f"{name}, defaults / ours: {defaults / ours:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
