"""The one neighbour graph of a run: cosine neighbours by blocked matrix products, exact up to 200,000 rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.cells import Cells
from analysis.embedding.directions import directed_rows
from analysis.embedding.exact_search import GROUP, QUERIES, kept_on, nearest, queries_at_once
from analysis.embedding.screening import Screen, has_fast_bfloat16

EXACT = 200_000  # rows up to which a CPU compares all pairs: a minute or two
EXACT_ON_GPU = 2_000_000
_SEARCH = 0.9  # of the work is looking for near ones; the rest is their cosines
SCREENED = 4096  # rows from which bfloat16 is asked first


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The k nearest others of N samples, nearest first.

    `index` (N, k) int32 holds row numbers, `similarity` (N, k) float32 their cosine in −1..1. A place without a
    neighbour (see `neighbours`) holds index −1 and similarity 0.
    """

    index: IntArray
    similarity: FloatArray


def neighbours(
    embeddings: FloatArray,
    k: int = 15,
    *,
    device: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> Neighbours:
    """Find the k nearest other samples of each sample by cosine similarity.

    Exactly up to 200,000 rows (2 million on a GPU); beyond, near ones are looked for in near parts of the space only,
    and how many of the true ones that finds is measured and told, see `Cells`.

    A sample is never its own neighbour; a copy of it is. Ties are broken alike in every run. A row that is zero or not
    finite has no direction: it gets no neighbours and is nobody's neighbour. The embeddings are read block by block,
    so they may be memory-mapped; beside them N · D · 2 bytes and less than 200 MB are held, on a CUDA device up to
    N · D · 4 bytes and about 1.5 GB.

    Args:
        embeddings: (N, D), any float dtype; products are float32.
        k: Neighbours a sample; at most N − 1 are given.
        device: Where to multiply: cpu | cuda | cuda:N …; default: CUDA where there is one, else the CPU.
        progress: Called with the work done and in all, counted in rows.
        notice: Told, in one sentence, what a person should know about this graph.
    """
    rows = directed_rows(embeddings)
    k = max(0, min(k, len(embeddings) - 1))
    index = np.full((len(embeddings), k), -1, dtype=np.int32)
    similarity = np.zeros((len(embeddings), k), dtype=np.float32)
    found = min(k, len(rows) - 1)
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    searched = 0.0  # share of the work that is done before the blocks come
    if found > 0 and len(rows) > (EXACT if where.type == "cpu" else EXACT_ON_GPU):
        cells = Cells(embeddings, rows, found, where)
        tell = progress or (lambda done, total: None)
        places, recall = cells.search(lambda share: tell(int(share * _SEARCH * len(rows)), len(rows)))
        blocks, searched = cells.blocks(places), _SEARCH
        if notice is not None:
            notice(_approximate(len(rows), recall))
    else:
        blocks = _blocks(embeddings, rows, found, where)
    done = 0
    for asked, near, cosine in blocks if found > 0 else ():
        index[rows[asked], :found] = rows[near]
        similarity[rows[asked], :found] = cosine
        if progress is not None:
            done += len(asked)
            progress(round(searched * (len(rows) - done)) + done, len(rows))
    return Neighbours(index=index, similarity=similarity)


def _approximate(rows: int, recall: float) -> str:
    return (
        f"The neighbours of {rows:,} samples were looked for in near parts of the space only: {recall:.0%} of the true "
        "ones are found (measured on 1,000 samples). The map, near duplicates and counter-examples use them."
    )


def _blocks(
    embeddings: FloatArray, rows: IntArray, k: int, device: torch.device
) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    """Places in `rows` of some queries, of their k nearest, and cosines; every query once."""
    if device.type != "cpu" or len(rows) < max(SCREENED, GROUP * k) or not has_fast_bfloat16():
        queries, kept = queries_at_once(device), kept_on(device, embeddings, rows)
        for start in range(0, len(rows), queries):
            asked = np.arange(start, min(start + queries, len(rows)))
            yield asked, *nearest(embeddings, rows, asked, k, device, kept=kept)
        return
    screen = Screen(embeddings, rows)
    for start in range(0, len(rows), screen.queries):
        near, cosine, crowd = screen.nearest(start, k)
        asked = np.arange(start, start + len(near))
        for first in range(0, len(crowd), QUERIES):
            part = crowd[first : first + QUERIES]
            near[part], cosine[part] = nearest(embeddings, rows, asked[part], k, device)
        yield asked, near, cosine
