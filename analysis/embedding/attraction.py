"""One epoch of UMAP's moves, compiled: every point moves by what stood where before, so any number of threads agrees.

umap-learn moves both ends of an edge at once, so that its threads race and a seed fixes the picture on one thread only.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from analysis.arrays import FloatArray

BITS = 7  # of the mantissa that tell squared distances apart: 1 part in 128
SHIFT = 23 - BITS
FIRST, LAST = (127 - 40) << BITS, (127 + 24) << BITS  # squared distances from 2^-40 to 2^24
PUSHES = 5  # random others a drawn edge pushes away from
PULLS = 2  # an edge is drawn from either end and moves both
FARTHEST = 4.0  # of one move, in units of the layout


def forces(a: float, b: float) -> tuple[FloatArray, FloatArray]:
    """Pull and push per unit of distance for every squared distance that the moves tell apart, float32.

    Derivatives of the cross-entropy of 1 / (1 + a d^2b); a table of them is several times as fast as their powers.

    Source: McInnes, Healy & Melville 2018, arXiv 1802.03426, section 3.2 and appendix.
    """
    squared = (np.arange(FIRST, LAST, dtype=np.int32) << SHIFT).view(np.float32).astype(np.float64)
    squared *= 1 + 0.5 / 2**BITS  # the middle of each step
    power = squared**b
    pull = -2 * a * b * power / (squared * (a * power + 1))
    push = 2 * b / ((0.001 + squared) * (a * power + 1))
    return pull.astype(np.float32), push.astype(np.float32)


def _moves(piece: Any, graph: Any, places: Any, table: Any, epoch: Any) -> None:
    """Write where the points of one piece go in one epoch.

    Args:
        piece: First point and the one after the last.
        graph: Of the points' edges: first and last number, other end, how often it is drawn (0..1 an epoch).
        places: Positions (N, 2) before and, to be written, after.
        table: See `forces`.
        epoch: Its number from 1, speed (1 falling to 0), seed.
    """
    (start, other, often), (old, new), (pull, push) = graph, places, table
    number, speed, seed = epoch
    highest, points, far = np.int64(LAST - FIRST - 1), np.uint64(len(old)), np.float32(FARTHEST)
    for point in range(piece[0], piece[1]):
        x, y = old[point, 0], old[point, 1]
        # splitmix64 of seed, epoch and point, then xorshift64: what a point draws depends on no thread.
        state = (np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(number)) * np.uint64(0xD1342543DE82EF95)
        state += np.uint64(point)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = (state ^ (state >> np.uint64(31))) | np.uint64(1)
        for edge in range(start[point], start[point + 1]):
            if np.int32(often[edge] * number) == np.int32(often[edge] * (number - 1)):
                continue
            for draw in range(PULLS + PUSHES):
                if draw < PULLS:
                    place = np.int64(other[edge])
                else:
                    state ^= state << np.uint64(13)
                    state ^= state >> np.uint64(7)
                    state ^= state << np.uint64(17)
                    place = np.int64(((state >> np.uint64(32)) * points) >> np.uint64(32))
                right, up = x - old[place, 0], y - old[place, 1]
                squared = np.float32(right * right + up * up)
                step = min(max((np.int64(squared.view(np.int32)) >> SHIFT) - FIRST, 0), highest)
                force = pull[step] if draw < PULLS else push[step]
                x += speed * min(max(force * right, -far), far)
                y += speed * min(max(force * up, -far), far)
        new[point, 0], new[point, 1] = x, y


def compiled() -> Callable[..., None]:
    """`_moves` as machine code, kept on disk between processes where a folder can be written."""
    try:
        function: Callable[..., None] = numba.njit(_moves, nogil=True, fastmath=True, cache=True)
    except RuntimeError:  # no folder to keep it in
        function = numba.njit(_moves, nogil=True, fastmath=True)
    return function
