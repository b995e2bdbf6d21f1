"""Groups told by how pictures look: found where they fail, silent where they do not, robust to runs that know less."""

import numpy as np
import pandas as pd
import pytest

from analysis.reports.picture_slices import slices_by_looks


def _run(n, seed, **changes):
    """A run of n samples of 5 classes, right in nine of ten; `dark` ones are mostly wrong where that is planted."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "width": np.full(n, 64), "height": np.full(n, 64), "mode": ["RGB"] * n,
            "pixel_mean": rng.normal(120, 25, n), "pixel_std": rng.normal(60, 10, n),
            "pixel_sharpness": rng.gamma(9, 4, n), "pixel_flat": rng.beta(2, 20, n),
        }
    )  # fmt: skip
    frame = frame.assign(**changes)
    label = rng.integers(0, 5, n)
    return frame, label, rng.random(n) < 0.9, rng.random(n) < 0.5


def _search(frame, label, correct, second):
    return slices_by_looks(frame, label, ~correct, second)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.03, 0.08, 0.15])
def test_a_planted_group_is_found_with_its_limits(seed, share):
    n = 3000
    frame, label, correct, second = _run(n, seed)
    rng = np.random.default_rng([seed, 1])
    dark = rng.random(n) < share
    frame.loc[dark, "pixel_mean"] = rng.normal(25, 4, dark.sum())
    correct = correct & ~(dark & (rng.random(n) < 0.6))
    found = _search(frame, label, correct, second).failing
    assert found[0].columns == ("pixel_mean",)
    inside = found[0].inside
    assert (inside & dark).sum() / dark.sum() >= 0.8
    assert (inside & dark).sum() / inside.sum() >= 0.8


def test_healthy_runs_have_no_such_slice():
    for seed in range(20):
        assert not _search(*_run(1500, seed)).failing


def test_a_hard_class_of_dark_pictures_is_no_group_of_dark_pictures():
    frame, label, correct, second = _run(3000, 0)
    rng = np.random.default_rng(5)
    hard = label == 2
    frame.loc[hard, "pixel_mean"] = rng.normal(25, 4, hard.sum())
    correct = correct & ~(hard & (rng.random(3000) < 0.6))
    assert not _search(frame, label, correct, second).failing


def test_runs_of_earlier_versions_and_columns_without_values_are_no_obstacle():
    frame, label, correct, second = _run(400, 0)
    assert not _search(frame[["width", "height", "mode", "pixel_std"]], label, correct, second).failing
    assert not _search(frame.assign(pixel_flat=np.nan, pixel_mean=np.nan), label, correct, second).failing
    none = np.zeros(0, dtype=np.int64)
    assert not _search(frame.head(0), none, none.astype(bool), none.astype(bool)).slices
