"""Which group loses to the other, and a preprocessing that its pictures alone want."""

import numpy as np
import pytest
import torch

from analysis.pipeline import run_investigation
from analysis.preparation import prepare
from analysis.progress import silent
from analysis.reruns import stage
from analysis.reruns.answers import Answers
from analysis.reruns.one_group import AXIS, for_one_group, losing_group
from analysis.reruns.rounds import Rounds
from analysis.reruns.tried import Tried
from analysis.reruns.variant_making import as_it_was
from analysis.reruns.variants_preprocessing import PREPROCESSING_AXES
from analysis.runs.run import Run
from analysis.spec.investigation import load_investigation
from tests.tiny import subject_of, tiny_investigation

EVERYTHING_ELSE = frozenset({"projection", "clusters", "reruns", "duplicates"})
IS_OLD = np.array([True, True, False])


def answers(logit):
    n = len(logit)
    index = np.tile(np.arange(3, dtype=np.int32), (n, 1))
    return Answers(
        rows=np.arange(n), index=index, logit=np.float32(logit), logsumexp=np.zeros(n), embeddings=None, facts={}
    )


def test_the_group_that_is_taken_for_the_other_loses():
    label = np.array([0] * 40 + [1] * 40 + [2] * 20)
    logit = np.eye(3)[label]
    assert losing_group(answers(logit), label, IS_OLD) is None
    logit[80:90] = [2, 0, 1]  # new ones taken for old ones
    assert losing_group(answers(logit), label, IS_OLD) is False
    logit[:11] = [0, 0, 5]
    assert losing_group(answers(logit), label, IS_OLD) is True
    logit[:11] = [np.nan, 0, 5]  # a number that is none wins, and it is the right class
    assert losing_group(answers(logit), label, IS_OLD) is False
    mixed = np.eye(3)[np.where(label == 0, 1, np.where(label == 1, 0, 2))]
    assert losing_group(answers(mixed), label, IS_OLD) is None  # among themselves


@pytest.fixture(scope="module")
def divided(tmp_path_factory):
    """The row of the new class, red, was trained on pixels from 0 to 1, so it knows light pictures only."""
    folder = tmp_path_factory.mktemp("divided")
    path = tiny_investigation(folder, per_class=300)
    rows = torch.tensor([[-1.0, -1.0, 2.0], [-1.0, 2.0, -1.0], [4.0, 4.0, 4.0]])
    torch.save({"state_dict": {"2.weight": rows, "2.bias": torch.tensor([0.0, 0.0, -3.0])}}, folder / "model.pth")
    spec = load_investigation(path)
    run_investigation(spec, folder / "run", skip=EVERYTHING_ELSE)
    return folder / "run", prepare(spec)


def test_each_variant_is_asked_about_the_group_and_no_other(divided):
    path, prepared = divided
    subject = subject_of(path, prepared)
    axis = PREPROCESSING_AXES[0]
    whole = axis.propose(subject, as_it_was(subject))
    for old in (True, False):
        parts = for_one_group(subject, whole, old)
        assert len({one.id for one in (*whole, *parts)}) == 2 * len(whole)
        assert {one.axis for one in parts} == {AXIS}
        assert all((IS_OLD[subject.label[one.rows]] == old).all() for one in parts)
        assert len(parts[0].rows) == (IS_OLD[subject.label] == old).sum()


def leave_enough(monkeypatch):
    """On a small set: so that some ways can be tried on one group."""
    monkeypatch.setattr(stage, "SPENT_ON_AXES", 0.3)
    monkeypatch.setattr(Rounds, "go_on", lambda _: None)


@pytest.mark.parametrize("confirm", [True, False])
def test_what_one_group_wants_is_asked_about_all_though_all_speak_against_it(divided, monkeypatch, confirm):
    monkeypatch.setattr(Tried, "divides", property(lambda _: False))  # which few pictures of both hardly ever show
    leave_enough(monkeypatch)
    path, prepared = divided
    stage.rerun(
        Run.open(path), subject_of(path, prepared), silent, lambda _: None, confirm=confirm, axes=PREPROCESSING_AXES[:2]
    )
    reruns = Run.open(path).reruns
    table = reruns.table.set_index("variant")
    labels = set(table.loc[table["axis"] == AXIS, "label"])
    assert {label for label in labels if "old" in label} == (
        {"pixels from 0 to 1, old classes alone"} if confirm else set()
    )
    budget = reruns.budget
    assert budget["pictures_asked"] <= budget["pictures_allowed"]
    told = budget["confirmed"] if confirm else budget["not_confirmed"]
    assert told == ["normalization-pixels-from-0-to-1"]
    if confirm:
        row = table.loc[told[0]]
        assert (row["is_full"], row["images"], row["axis"]) == (True, 900, "normalization")
        right = np.asarray(reruns.get(told[0]).index[:, 0] == Run.open(path).column("label_index"))
        assert right[Run.open(path).column("label_index") == 2].mean() > 0.95


def test_where_the_other_group_would_gain_as_well_nothing_is_confirmed(divided, monkeypatch):
    monkeypatch.setattr(Tried, "divides", property(lambda _: False))
    monkeypatch.setattr(Tried, "harms", property(lambda _: False))
    leave_enough(monkeypatch)
    path, prepared = divided
    stage.rerun(Run.open(path), subject_of(path, prepared), silent, lambda _: None, axes=PREPROCESSING_AXES[:2])
    assert Run.open(path).reruns.budget["confirmed"] == []
