"""Rows of the new head found among the baseline's, against plain numpy; a run without pictures is judged by them."""

import numpy as np
import pytest

from analysis.diagnosis.baseline_rows import OldRows, old_rows
from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Lane, Verdict
from analysis.diagnosis.row_matching import by_position, match_rows
from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS
from analysis.runs.bare_run import bare_meta, write_bare_run
from analysis.runs.run import Run

RNG = np.random.default_rng(0)
NAMES = [f"class {index:03d}" for index in range(60)]
OLD = [*NAMES[10:50][::-1]]  # 40 of them, backwards


def heads(order=None, noise=0.4):
    """Old rows (40, 64), and new ones (60, 64) in which the old class `order[i]` stands where class i is listed."""
    shared = RNG.normal(size=64)
    old = (RNG.normal(size=(40, 64)) + shared).astype(np.float32)
    new = (RNG.normal(size=(60, 64)) + shared).astype(np.float32)
    order = range(40) if order is None else order
    for place, source in enumerate(order):
        new[NAMES.index(OLD[place])] = old[source] + noise * RNG.normal(size=64)
    return new, old


def rows_of(new, old):
    here = np.array([NAMES.index(name) for name in OLD])
    zeros = np.zeros(60, dtype=np.float32)
    return OldRows(weight=new, bias=zeros, old_weight=old, old_bias=zeros[:40], here=here, there=np.arange(40))


def bare(path, new, old):
    write_bare_run(path, bare_meta(NAMES, 60, classes_in_list=60), (new, None))
    write_bare_run(path / "baseline", bare_meta(OLD, 40, classes_in_list=40), (old, None))
    return Run.open(path)


def judged(path, new, old):
    return diagnose(bare(path, new, old), hypotheses=[HYPOTHESIS]).findings[0]


def test_every_row_is_found_where_plain_cosines_find_it():
    order = RNG.permutation(40)
    new, old = heads(order)
    match = match_rows(rows_of(new, old))
    here = np.array([NAMES.index(name) for name in OLD])
    a, b = new[here] - new[here].mean(axis=0), old - old.mean(axis=0)
    cosine = a @ b.T / np.linalg.norm(a, axis=1)[:, None] / np.linalg.norm(b, axis=1)
    np.testing.assert_array_equal(match.source, cosine.argmax(axis=1))
    np.testing.assert_array_equal(match.source, order)
    np.testing.assert_allclose(match.cosine, np.diag(cosine), atol=1e-5)


def test_rows_trained_away_or_broken_are_found_nowhere():
    new, old = heads(noise=6.0)
    new[NAMES.index(OLD[0])] = np.nan
    new[NAMES.index(OLD[1])] = 0
    match = match_rows(rows_of(new, old))
    assert not match.misplaced.any()
    assert (match.source[:2] == -1).all()


def test_scrambled_rows_are_seen_without_a_picture(tmp_path):
    finding = judged(tmp_path, *heads(np.roll(np.arange(40), 3)))
    assert (finding.verdict, finding.lane) == (Verdict.SUPPORTED, Lane.NOTE)
    assert "40 of 40" in finding.summary


def test_rows_copied_by_position_are_called_so(tmp_path):
    new, old = heads()
    new[:40] = old
    finding = judged(tmp_path, new, old)
    assert finding.verdict is Verdict.SUPPORTED
    assert "copied by position" in finding.summary
    run = Run.open(tmp_path)
    rows = old_rows(run)
    assert by_position(rows, match_rows(rows)) == 1.0


def test_rows_in_place_refute_it(tmp_path):
    assert judged(tmp_path, *heads()).verdict is Verdict.REFUTED


def test_rows_trained_far_away_leave_it_open(tmp_path):
    assert judged(tmp_path, *heads(noise=6.0)).verdict is Verdict.INCONCLUSIVE


def test_two_rows_in_each_others_place_are_too_few(tmp_path):
    order = np.arange(40)
    order[[3, 4]] = 4, 3
    assert judged(tmp_path, *heads(order)).verdict is not Verdict.SUPPORTED


@pytest.mark.parametrize("there", [True, False])
def test_without_pictures_and_baseline_it_is_not_testable(tmp_path, there):
    write_bare_run(tmp_path, bare_meta(NAMES, 60, classes_in_list=60), (heads()[0], None))
    if there:
        write_bare_run(tmp_path / "baseline", bare_meta(OLD, 40, classes_in_list=40), None)
    finding = diagnose(Run.open(tmp_path), hypotheses=[HYPOTHESIS]).findings[0]
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.needs == ("labelled validation samples",)
