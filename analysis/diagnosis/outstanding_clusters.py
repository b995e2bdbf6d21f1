"""Whether a cluster fails by more than clusters of this set differ by anyway.

Letters: N samples, G clusters.
"""

import numpy as np
import pandas as pd

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.diagnosis.view import View
from analysis.reports.cluster_excess import excess_errors

_LEAST_SIZE = 20  # samples of a cluster that is compared with
_FEWEST = 4  # clusters that show how much clusters differ
_DEVIATIONS = 3.5  # of what they differ by; twelve weak models reached 3.0, groups planted in photographs 8.5 and more
_WEAK = 0.15  # error rate of the samples not under suspicion from which on a model fails on some type of every class
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution


def stand_out(view: View, cluster: IntArray, table: pd.DataFrame, suspect: BoolArray) -> BoolArray:
    """(G,) True for clusters whose error rate lies far outside of what the clusters not under suspicion differ by.

    A weak model fails on some type of every class, so errors beyond the classes' own are scattered everywhere. Their
    variance between clusters, less what samples of this size scatter by, is what a suspect is held against. In a model
    that is rarely wrong elsewhere every suspect stands out, and so it does with too few other clusters to compare.

    The variance is taken from the median deviation: another part of the same group, too small or too mixed to be a
    suspect itself, must not speak for this one.

    Args:
        view: N samples.
        cluster: (N,) −1 = in none.
        table: G rows as of `excess_errors`.
        suspect: (G,) True for the clusters that may fail.

    Source:
        DerSimonian and Laird 1986 (variance between groups); Rousseeuw and Croux 1993 (median absolute deviation).
    """
    stands = np.ones(len(table), dtype=np.bool_)
    if not suspect.any():
        return stands
    numbers, wrong = table["cluster"].to_numpy(), ~view.predictions.correct
    others = ~np.isin(cluster, numbers[suspect])
    scatter = _scatter(_excess(view, cluster, others))
    if scatter is None or wrong[others].mean() <= _WEAK:
        return stands
    centre, between = scatter
    for place in np.flatnonzero(suspect):
        held = _excess(view, cluster, others | (cluster == numbers[place]))  # expected by the others alone
        row = held[held["cluster"] == numbers[place]].iloc[0]
        expected = row["expected_errors"] / row["size"]
        deviation = np.sqrt(between + _variance(expected, row["size"]))
        stands[place] = row["error_rate"] - expected - centre >= _DEVIATIONS * deviation
    return stands


def _excess(view: View, cluster: IntArray, some: BoolArray) -> pd.DataFrame:
    """`excess_errors` of some of the samples."""
    state = view.predictions
    return excess_errors(cluster[some], view.label[some], state.predicted[some], state.correct[some])


def _scatter(table: pd.DataFrame) -> tuple[float, float] | None:
    """Median and variance between clusters of the error rate beyond the classes' own; None with too few clusters."""
    table = table[table["size"] >= _LEAST_SIZE]
    if len(table) < _FEWEST:
        return None
    size = table["size"].to_numpy(dtype=np.float64)
    beyond = table["excess_errors"].to_numpy() / size
    by_chance = _variance(table["expected_errors"].to_numpy() / size, size).mean()
    centre = float(np.median(beyond))
    deviation = _MAD_TO_DEVIATION * float(np.median(np.abs(beyond - centre)))
    return centre, max(0.0, deviation**2 - float(by_chance))


def _variance(rate: AnyArray, size: AnyArray) -> AnyArray:
    """Of a share of `size` samples."""
    rate = np.clip(rate, 0.01, 0.99)
    return np.asarray(rate * (1 - rate) / size)
