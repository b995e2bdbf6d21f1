"""Lengths of the head's rows: ratios by hand, zeros and broken rows left out, unknown where the head is hidden."""

import numpy as np
import pytest

from analysis.diagnosis.row_lengths import Rows, rows_of
from analysis.runs import layout
from analysis.runs.atomic import write_arrays
from analysis.runs.run import Run
from tests.planting import make_run

NEW = np.arange(12) >= 6


def rows(*length):
    return Rows(length=np.array(length, dtype=float), bias=np.zeros(len(length)))


def test_the_ratio_is_of_means_without_zeros_and_broken_rows():
    some = rows(1, 1, 1, 1, 1, 0, 3, 3, 3, 3, 3, np.nan)
    assert some.ratio(NEW) == pytest.approx(3)
    assert some.known(NEW) == 11
    assert some.cliff(NEW) == pytest.approx(1)
    assert some.tell(NEW)


def test_one_long_row_tells_nothing_of_a_group():
    some = rows(*[1] * 11, 20)
    assert some.ratio(NEW) == pytest.approx(25 / 6)
    assert some.cliff(NEW) == pytest.approx(1 / 6)
    assert not some.tell(NEW)


def test_cliffs_delta_counts_pairs():
    gen = np.random.default_rng(0)
    some = rows(*gen.integers(1, 5, 12))
    new, old = some.length[NEW][:, None], some.length[~NEW][None]
    assert some.cliff(NEW) == pytest.approx(np.sign(new - old).mean())


def test_too_few_rows_have_no_ratio():
    nearly_none = rows(*[1] * 6, 3, 3, 3, 3, np.nan, np.nan)
    assert nearly_none.ratio(NEW) is None
    assert not nearly_none.tell(NEW)
    assert rows(1, 2).ratio(np.array([False, True])) == 2  # all there are


def test_a_head_that_gives_the_logits_has_its_norms(tmp_path, whole_view):
    run = make_run(tmp_path, nan_rows=1).run
    found = rows_of(whole_view(run), run.outputs)
    assert np.array_equal(np.isnan(found.length), np.isnan(run.head[0]).any(axis=1))
    assert np.nanmax(np.abs(found.length - np.linalg.norm(run.head[0], axis=1))) == 0
    assert np.isnan(rows_of(whole_view(run), run.outputs + 1).length).all()


def test_a_head_that_does_more_than_rows_and_biases_has_no_lengths(tmp_path, whole_view):
    make_run(tmp_path)
    weight, bias = Run.open(tmp_path).head
    write_arrays(tmp_path / layout.HEAD, {"weight": weight[::-1], "bias": bias + 1})
    run = Run.open(tmp_path)
    found = rows_of(whole_view(run), run.outputs)
    assert np.isnan(found.length).all()
    assert np.array_equal(found.bias, bias + 1)
    assert not found.tell(run.is_old)
