"""The one neighbour graph of a run: exact cosine neighbours by blocked matrix products."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray

QUERIES = 1024
FLOATS = 16 * 2**20  # a block of keys and its similarities together, so about 64 MB
GROUP = 64  # columns whose maximum stands for all of them in the first round of the search


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
    finite has no direction: it gets no neighbours and is nobody's neighbour. Beside the embeddings (read block by
    block, so they may be memory-mapped) less than 200 MB are held, whatever N is.

    Args:
        embeddings: (N, D), any float dtype; products are float32.
        k: Neighbours a sample; at most N − 1 are given.
        device: Where to multiply; default: CUDA where there is one, else the CPU.
        progress: Called with rows done and rows in all.
    """
    rows = _directed(embeddings)
    k = max(0, min(k, len(embeddings) - 1))
    index = np.full((len(embeddings), k), -1, dtype=np.int32)
    similarity = np.zeros((len(embeddings), k), dtype=np.float32)
    found = min(k, len(rows) - 1)
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    for start in range(0, len(rows) if found > 0 else 0, QUERIES):
        near, cosine = _nearest(embeddings, rows, start, found, where)
        block = rows[start : start + QUERIES]
        index[block, :found] = rows[near]
        similarity[block, :found] = cosine
        if progress is not None:
            progress(min(start + QUERIES, len(rows)), len(rows))
    return Neighbours(index=index, similarity=similarity)


def _directed(embeddings: FloatArray) -> IntArray:
    """Row numbers that are finite and not zero."""
    kept = []
    for start in range(0, len(embeddings), 8 * QUERIES):
        block = np.asarray(embeddings[start : start + 8 * QUERIES], dtype=np.float32)
        kept.append(start + np.flatnonzero(np.isfinite(block).all(axis=1) & (block != 0).any(axis=1)))
    return np.concatenate(kept) if kept else np.empty(0, dtype=np.int64)


def _nearest(
    embeddings: FloatArray, rows: IntArray, start: int, k: int, device: torch.device
) -> tuple[IntArray, FloatArray]:
    """Places in `rows` and cosines of the k best for one block of queries, keys coming block by block."""
    queries = _directions(embeddings, rows[start : start + QUERIES], device)
    step = max(GROUP, FLOATS // (embeddings.shape[1] + QUERIES) // GROUP * GROUP)
    cosines: list[torch.Tensor] = []
    places: list[torch.Tensor] = []
    for first in range(0, len(rows), step):
        keys = _directions(embeddings, rows[first : first + step], device)
        products = queries @ keys.T
        own = torch.arange(len(queries), device=device) + (start - first)
        inside = (own >= 0) & (own < len(keys))
        products[inside, own[inside]] = -torch.inf
        cosine, place = _largest(products, k)
        cosines.append(cosine)
        places.append(place + first)
    cosine, order = torch.cat(cosines, 1).topk(k)
    place = torch.cat(places, 1).gather(1, order)
    return place.cpu().numpy(), cosine.clamp_(-1, 1).cpu().numpy()


def _directions(embeddings: FloatArray, rows: IntArray, device: torch.device) -> torch.Tensor:
    # Largest entry first to 1: squares of float16's extremes neither overflow nor vanish in the norm.
    block = torch.from_numpy(np.array(embeddings[rows])).to(device).float()
    low, high = block.aminmax(dim=1, keepdim=True)
    block /= torch.maximum(-low, high)
    return block.div_(block.norm(dim=1, keepdim=True))


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
