"""Nearest neighbours among all rows, in float32."""

import numpy as np
import torch

from analysis.arrays import FloatArray, IntArray
from analysis.embedding.directions import directions

QUERIES = 1024
FLOATS = 16 * 2**20  # a block of keys and its similarities together, so about 64 MB
CUDA_QUERIES = 4096
CUDA_FLOATS = 256 * 2**20  # 1 GB
SENT = 65_536  # rows that are sent to a CUDA device at a time
GROUP = 64  # columns whose maximum stands for all of them in the first round of the search


def queries_at_once(device: torch.device) -> int:
    """How many queries keep the device busy."""
    return CUDA_QUERIES if device.type == "cuda" else QUERIES


def kept_on(device: torch.device, embeddings: FloatArray, rows: IntArray) -> torch.Tensor | None:
    """All directions (M, D) float32 on a CUDA device, or None where half of its free memory does not hold them.

    Sent once: every block of queries needs all of them, and the way to the device is slower than what it does there.
    """
    if device.type != "cuda" or 2 * len(rows) * embeddings.shape[1] * 4 > torch.cuda.mem_get_info(device)[0]:
        return None
    kept = torch.empty((len(rows), embeddings.shape[1]), device=device)
    for start in range(0, len(rows), SENT):
        kept[start : start + SENT] = directions(embeddings, rows[start : start + SENT], device)
    return kept


def nearest(
    embeddings: FloatArray,
    rows: IntArray,
    asked: IntArray,
    k: int,
    device: torch.device,
    *,
    kept: torch.Tensor | None = None,
) -> tuple[IntArray, FloatArray]:
    """The k nearest others of some queries among all rows, keys coming block by block.

    Args:
        embeddings: (N, D), any float dtype, may be memory-mapped.
        rows: (M,) rows with a direction.
        asked: (Q,) places in `rows`; a row is not its own neighbour.
        k: at most M − 1.
        device: Where to multiply.
        kept: What `kept_on` gave for the same rows; None: read and sent anew.

    Returns:
        Places in `rows` (Q, k) int64 and cosines (Q, k) float32, largest first.
    """
    queries = directions(embeddings, rows[asked], device) if kept is None else kept[torch.from_numpy(asked).to(device)]
    floats = FLOATS if kept is None else CUDA_FLOATS
    step = max(GROUP, floats // (embeddings.shape[1] + queries_at_once(device)) // GROUP * GROUP)
    cosines: list[torch.Tensor] = []
    places: list[torch.Tensor] = []
    for first in range(0, len(rows), step):
        part = slice(first, first + step)
        keys = directions(embeddings, rows[part], device) if kept is None else kept[part]
        products = queries @ keys.T
        own = np.flatnonzero((asked >= first) & (asked < first + len(keys)))
        products[torch.from_numpy(own).to(device), torch.from_numpy(asked[own] - first).to(device)] = -torch.inf
        cosine, place = largest(products, k)
        cosines.append(cosine)
        places.append(place + first)
    cosine, order = torch.cat(cosines, 1).topk(k)
    place = torch.cat(places, 1).gather(1, order)
    return place.cpu().numpy(), cosine.clamp_(-1, 1).cpu().numpy()


def largest(values: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`topk` of wide rows: the k largest lie in the k groups of columns with the largest maxima (3x faster)."""
    if values.shape[1] <= k * GROUP:
        return values.topk(min(k, values.shape[1]))
    whole = values.shape[1] // GROUP * GROUP
    highest = values[:, :whole].view(len(values), -1, GROUP).amax(2)
    if whole < values.shape[1]:  # the last group is short; padding the values would copy them all
        highest = torch.cat([highest, values[:, whole:].amax(1, keepdim=True)], 1)
    groups = highest.topk(k).indices
    columns = (groups[:, :, None] * GROUP + torch.arange(GROUP, device=values.device)).flatten(1)
    chosen = values.gather(1, columns.clamp(max=values.shape[1] - 1))
    best, order = chosen.masked_fill_(columns >= values.shape[1], -torch.inf).topk(k)
    return best, columns.gather(1, order)
