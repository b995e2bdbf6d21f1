"""Copies as the page asks for them, counted by hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from analysis.runs import layout
from app.queries import duplicates as queries
from app.queries import runs
from app.queries.duplicates import TRAINING, WITHIN, Filters
from app.queries.passing import Filter
from app.queries.runs import RunKey
from tests.exploring import make_explored_run
from tests.planting import Planted


def test_pairs_pass_filters_in_order(full: RunKey) -> None:
    every = queries.pairs(full, WITHIN, Filters())
    assert len(every) == 8
    assert every["similarity"].is_monotonic_decreasing
    assert queries.pairs(full, WITHIN, Filters(kind="Exact"))["kind"].tolist() == ["exact"]
    label = runs.column(full, "label")
    differ = queries.pairs(full, WITHIN, Filters(labels="Different labels"))
    assert len(differ) == 1
    assert label[differ["sample_id"][0]] != label[differ["other"][0]]
    least = queries.pairs(full, WITHIN, Filters(order="Least alike"))
    assert least["similarity"].is_monotonic_increasing
    assert queries.pairs(full, WITHIN, Filters(order="Largest loss"))["loss"].is_monotonic_decreasing


def test_groups_hold_their_samples(full: RunKey) -> None:
    groups = queries.members(full, Filters())
    assert sorted(len(group) for group in groups) == [2, 2, 2, 2, 2, 2, 3]
    assert len(queries.members(full, Filters(labels="Different labels"))) == 1
    exact = queries.members(full, Filters(kind="Exact"))
    assert [len(group) for group in exact] == [3]  # the whole group of a pair that passes


def test_accuracy_with_every_picture_once(full: RunKey) -> None:
    correct = runs.column(full, "correct")
    groups = queries.members(full, Filters())
    copied = np.concatenate(groups)
    votes = sum(correct[group].mean() for group in groups) + np.delete(correct, copied).sum()
    told = queries.effect(full, WITHIN)
    assert told.without.n == 720 - 15 + 7
    assert told.without.value == pytest.approx(votes / told.without.n)
    assert (told.now.value, told.copied.n) == (pytest.approx(correct.mean()), 15)
    assert (told.groups, told.differ, told.mixed) == (7, 2, None)


def test_the_filter_chooses_whose_accuracy_is_told(full: RunKey) -> None:
    where = Filter("loss > 0.05", 0)
    chosen = runs.column(full, "loss") > 0.05
    correct = runs.column(full, "correct")
    groups = [group[chosen[group]] for group in queries.members(full, Filters())]
    groups = [group for group in groups if len(group)]
    copied = np.concatenate(groups)
    alone = np.setdiff1d(np.flatnonzero(chosen), copied)
    votes = sum(correct[group].mean() for group in groups) + correct[alone].sum()
    told = queries.effect(full, WITHIN, where)
    assert (told.now.n, told.copied.n, told.groups) == (chosen.sum(), len(copied), len(groups))
    assert told.without.value == pytest.approx(votes / (len(groups) + len(alone)))
    leaked = queries.pairs(full, TRAINING, Filters())["sample_id"].to_numpy()
    told = queries.effect(full, TRAINING, where)
    assert told.groups == chosen[leaked].sum()
    assert told.without.value == pytest.approx(correct[np.setdiff1d(np.flatnonzero(chosen), leaked)].mean())
    assert queries.effect(full, TRAINING, Filter("loss > 1e9", 0)).now.n == 0


def test_accuracy_without_leaks(full: RunKey) -> None:
    correct = runs.column(full, "correct")
    leaked = queries.pairs(full, TRAINING, Filters())["sample_id"].to_numpy()
    told = queries.effect(full, TRAINING)
    assert (told.groups, told.differ) == (5, 1)
    assert told.without.value == pytest.approx(np.delete(correct, leaked).mean())
    assert told.mixed is not None
    assert queries.training_picture(full, 0) == runs.open_run(full).run.thumbnail(int(leaked.min()))
    assert queries.training_picture(full, 4) is None


def test_a_run_where_nobody_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    planted: Planted = make_explored_run(tmp_path / "run", classes=3, per_class=20)
    key = runs.run_key("run")
    assert queries.searched(key) is None
    assert queries.all_pairs(key, WITHIN) is None
    assert queries.pairs(key, TRAINING, Filters()).empty
    assert (queries.groups(key) == -1).all()
    assert planted.run.duplicates is None


def test_facts_that_cannot_be_read_name_no_training_set(
    full: RunKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(runs.run_path(full.id), tmp_path / "run")
    (tmp_path / "run" / layout.DUPLICATES_FACTS).write_text("{")
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    found = queries.searched(runs.run_key("run"))
    assert found is not None
    assert found.listed is None
