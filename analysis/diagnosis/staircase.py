"""The best path through a table of scores that keeps its state for long stretches: offsets with few steps.

Letters: T places in order, S states.
"""

import numpy as np

from analysis.arrays import FloatArray, IntArray

_LONGEST = 20_000


def steady_path(score: FloatArray, cost: float, *, monotone: bool) -> IntArray:
    """State at each place, (T,), with the largest sum of scores minus `cost` for each change of state.

    Above 20,000 places, blocks of neighbouring places share a state.

    Args:
        score: (T, S).
        cost: of a change of state, in the unit of the score.
        monotone: states may only go one way, up or down, whichever scores better.

    Source:
        Viterbi 1967.
    """
    block = -(-len(score) // _LONGEST)
    if block > 1:
        starts = np.arange(0, len(score), block)
        coarse = steady_path(np.add.reduceat(score, starts, axis=0), cost, monotone=monotone)
        return np.repeat(coarse, block)[: len(score)]
    if not monotone:
        return _path(score, cost, climbing=False)[0]
    up, up_score = _path(score, cost, climbing=True)
    down, down_score = _path(score[:, ::-1], cost, climbing=True)
    return up if up_score >= down_score else score.shape[1] - 1 - down


def _path(score: FloatArray, cost: float, *, climbing: bool) -> tuple[IntArray, float]:
    places, states = score.shape
    here = np.arange(states)
    came = np.empty((places, states), dtype=np.int64)
    total = np.asarray(score[0], dtype=np.float64).copy()
    for place in range(1, places):
        if climbing:
            best = np.maximum.accumulate(total)
            source = np.maximum.accumulate(np.where(total >= best, here, 0))
        else:
            source = np.full(states, int(total.argmax()))
        stays = total >= total[source] - cost
        came[place] = np.where(stays, here, source)
        total = np.where(stays, total, total[source] - cost) + score[place]
    path = np.empty(places, dtype=np.int64)
    path[-1] = int(total.argmax())
    for place in range(places - 1, 0, -1):
        path[place - 1] = came[place, path[place]]
    return path, float(total.max())
