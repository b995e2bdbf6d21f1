"""The one neighbour graph of a run: exact cosine neighbours by blocked matrix products."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.directions import directed_rows, directions
from analysis.embedding.screening import GROUP, Screen, has_fast_bfloat16

QUERIES = 1024
FLOATS = 16 * 2**20  # a block of keys and its similarities together, so about 64 MB
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
) -> Neighbours:
    """Find the k nearest other samples of each sample by cosine similarity, exactly.

    A sample is never its own neighbour; a copy of it is. Ties are broken alike in every run. A row that is zero or not
    finite has no direction: it gets no neighbours and is nobody's neighbour. The embeddings are read block by block,
    so they may be memory-mapped; beside them N · D · 2 bytes and less than 200 MB are held.

    Args:
        embeddings: (N, D), any float dtype; products are float32.
        k: Neighbours a sample; at most N − 1 are given.
        device: Where to multiply; default: CUDA where there is one, else the CPU.
        progress: Called with rows done and rows in all.
    """
    rows = directed_rows(embeddings)
    k = max(0, min(k, len(embeddings) - 1))
    index = np.full((len(embeddings), k), -1, dtype=np.int32)
    similarity = np.zeros((len(embeddings), k), dtype=np.float32)
    found = min(k, len(rows) - 1)
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    for asked, near, cosine in _blocks(embeddings, rows, found, where) if found > 0 else ():
        index[rows[asked], :found] = rows[near]
        similarity[rows[asked], :found] = cosine
        if progress is not None:
            progress(int(asked[-1]) + 1, len(rows))
    return Neighbours(index=index, similarity=similarity)


def _blocks(
    embeddings: FloatArray, rows: IntArray, k: int, device: torch.device
) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    """Places in `rows` of some queries, of their k nearest, and cosines; every query once."""
    if device.type != "cpu" or len(rows) < max(SCREENED, GROUP * k) or not has_fast_bfloat16():
        for start in range(0, len(rows), QUERIES):
            asked = np.arange(start, min(start + QUERIES, len(rows)))
            yield asked, *_nearest(embeddings, rows, asked, k, device)
        return
    screen = Screen(embeddings, rows)
    for start in range(0, len(rows), screen.queries):
        near, cosine, crowd = screen.nearest(start, k)
        asked = np.arange(start, start + len(near))
        for first in range(0, len(crowd), QUERIES):
            part = crowd[first : first + QUERIES]
            near[part], cosine[part] = _nearest(embeddings, rows, asked[part], k, device)
        yield asked, near, cosine


def _nearest(
    embeddings: FloatArray, rows: IntArray, asked: IntArray, k: int, device: torch.device
) -> tuple[IntArray, FloatArray]:
    """Places in `rows` and cosines of the k best for some queries, keys coming block by block."""
    queries = directions(embeddings, rows[asked], device)
    step = max(GROUP, FLOATS // (embeddings.shape[1] + QUERIES) // GROUP * GROUP)
    cosines: list[torch.Tensor] = []
    places: list[torch.Tensor] = []
    for first in range(0, len(rows), step):
        keys = directions(embeddings, rows[first : first + step], device)
        products = queries @ keys.T
        own = np.flatnonzero((asked >= first) & (asked < first + len(keys)))
        products[own, asked[own] - first] = -torch.inf
        cosine, place = _largest(products, k)
        cosines.append(cosine)
        places.append(place + first)
    cosine, order = torch.cat(cosines, 1).topk(k)
    place = torch.cat(places, 1).gather(1, order)
    return place.cpu().numpy(), cosine.clamp_(-1, 1).cpu().numpy()


def _largest(values: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`topk` of wide rows: the k largest lie in the k groups of columns with the largest maxima (3x faster)."""
    if values.shape[1] <= k * GROUP:
        return values.topk(min(k, values.shape[1]))
    rest = -values.shape[1] % GROUP
    if rest:
        values = torch.nn.functional.pad(values, (0, rest), value=-torch.inf)
    groups = values.view(len(values), -1, GROUP).amax(2).topk(k).indices
    columns = (groups[:, :, None] * GROUP + torch.arange(GROUP, device=values.device)).flatten(1)
    best, order = values.gather(1, columns).topk(k)
    return best, columns.gather(1, order)
