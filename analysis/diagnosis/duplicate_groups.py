"""Which samples are copies of one picture, so that no copy of a picture scores what another one taught."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.arrays import BoolArray, IntArray
from analysis.runs.run import Run


def duplicate_groups(run: Run) -> IntArray:
    """A number for each of the N samples, equal for copies of one picture, near ones included.

    It depends on what is in the pictures and not on their order: the smallest content hash of the group. Without
    content hashes every sample is a group of its own.

    Returns:
        (N,) int64.
    """
    if "content_hash" not in run.columns:
        return np.arange(len(run))
    content = np.asarray(run.column("content_hash"), dtype=np.int64)
    pairs = run.duplicates
    if pairs is None or not len(pairs):
        return content
    kinds, kind = np.unique(content, return_inverse=True)
    kind = kind.reshape(-1)
    first, second = kind[pairs["sample_id"].to_numpy()], kind[pairs["other"].to_numpy()]
    links = coo_array((np.ones(len(first), dtype=np.bool_), (first, second)), shape=(len(kinds), len(kinds)))
    _, part = connected_components(links.tocsr(), directed=False)
    smallest = np.full(int(part.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(smallest, part, kinds)
    return np.asarray(smallest[part[kind]])


def conflicting_samples(run: Run) -> BoolArray:
    """(N,) True for samples with a copy under another label; pictures that show nothing are nobody's copy."""
    pairs, found = run.duplicates, np.zeros(len(run), dtype=np.bool_)
    if pairs is None or not len(pairs):
        return found
    found[pairs["sample_id"].to_numpy()] = found[pairs["other"].to_numpy()] = True
    rows = np.flatnonzero(found)
    _, group = np.unique(duplicate_groups(run)[rows], return_inverse=True)
    group, label = group.reshape(-1), run.column("label_index")[rows]
    low, high = np.full(len(rows), np.iinfo(np.int64).max), np.full(len(rows), -1)
    np.minimum.at(low, group, label)
    np.maximum.at(high, group, label)
    found[rows] = (low != high)[group]
    return found
