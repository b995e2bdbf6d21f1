"""The whole stage on three colours: swapped channels are found, confirmed on every picture, and kept."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from analysis.pipeline import run_investigation
from analysis.preparation import prepare
from analysis.progress import silent
from analysis.reruns import stage
from analysis.reruns.axis import Axis
from analysis.reruns.rounds import Rounds
from analysis.reruns.stage import rerun
from analysis.reruns.variant_making import made
from analysis.reruns.variants_preprocessing import PREPROCESSING_AXES
from analysis.runs import layout
from analysis.runs.run import Run
from analysis.spec.investigation import load_investigation
from tests.tiny import subject_of, tiny_investigation

EVERYTHING_ELSE = frozenset({"projection", "clusters", "reruns", "duplicates"})


def nothing(_: str) -> None:
    """Take no notice."""


@pytest.fixture(scope="module")
def swapped(tmp_path_factory):
    """A finished main pass whose channels are swapped, and what it was made of."""
    folder = tmp_path_factory.mktemp("swapped")
    path = tiny_investigation(folder, per_class=100)
    path.write_text(path.read_text().replace("[inference]", 'channels = "bgr"\n\n[inference]'))
    spec = load_investigation(path)
    run_investigation(spec, folder / "run", skip=EVERYTHING_ELSE)
    return folder / "run", prepare(spec)


def go(path, prepared, *, confirm=True, progress=silent):
    rerun(Run.open(path), subject_of(path, prepared), progress, nothing, confirm=confirm, axes=PREPROCESSING_AXES)
    return Run.open(path).reruns


def test_the_right_order_is_confirmed_on_every_picture(swapped):
    path, prepared = swapped
    run = Run.open(path)
    assert run.column("correct").mean() < 0.5
    before = {name: tensor.clone() for name, tensor in prepared.model.module.state_dict().items()}
    reruns = go(path, prepared)
    row = reruns.of("channels").set_index("variant").loc["channels-channels-in-rgb-order"]
    answers = reruns.get("channels-channels-in-rgb-order")
    assert row["is_full"]
    assert np.array_equal(answers.rows, np.arange(len(run)))
    assert (answers.index[:, 0] == run.column("label_index")).mean() > 0.95
    assert json.loads(row["settings"])["channels"] == "rgb"
    after = prepared.model.module.state_dict()
    assert all(torch.equal(before[name], after[name].cpu()) for name in before)
    assert reruns.budget["pictures_asked"] <= 0.25 * len(run)
    assert (path / layout.RERUN_PICTURES).is_dir()
    shown = list((path / layout.RERUN_PICTURES).glob("channels-channels-in-rgb-order-*.png"))
    samples = {int(file.stem.rpartition("-")[2]) for file in shown}
    assert len(samples) == 4
    assert len(set(run.column("label_index")[sorted(samples)])) == 3  # of three classes


def test_again_gives_the_same_and_asks_nothing(swapped, monkeypatch):
    path, prepared = swapped
    go(path, prepared)
    before = {file.name: file.read_bytes() for file in (path / layout.RERUNS).glob("*.npz")}
    table = pd.read_parquet(path / layout.RERUN_VARIANTS).drop(columns="seconds")
    monkeypatch.setattr("analysis.reruns.asking.Asker.few", None)
    monkeypatch.setattr("analysis.reruns.asking.Asker.all", None)
    go(path, prepared)
    assert before == {file.name: file.read_bytes() for file in (path / layout.RERUNS).glob("*.npz")}
    pd.testing.assert_frame_equal(table, pd.read_parquet(path / layout.RERUN_VARIANTS).drop(columns="seconds"))


def test_without_confirmation_a_promise_is_noted(swapped):
    path, prepared = swapped
    for file in (path / layout.RERUNS).glob("*.npz"):
        file.unlink()
    reruns = go(path, prepared, confirm=False)
    assert reruns.budget["not_confirmed"] == ["channels-channels-in-rgb-order"]
    assert not reruns.table["is_full"].any()


def test_stages_tell_themselves_apart(swapped):
    path, prepared = swapped
    for file in (path / layout.RERUNS).glob("*.npz"):
        file.unlink()
    told = []
    go(path, prepared, progress=lambda stage, done, total: told.append((stage, done, total)))
    assert {stage for stage, _, _ in told} == {"reruns", "confirming"}
    assert ("confirming", len(Run.open(path)), len(Run.open(path))) in told


def test_what_another_fault_would_forgive_is_held_against_it_on_the_run_as_it_was(swapped):
    """A rival that does as well is asked about every picture, too, and what follows stands on the preprocessing."""
    path, prepared = swapped
    asked = []

    def propose(subject, base):
        asked.append(base.id)
        changed = replace(base.preprocessing, channels="rgb")
        rival = made(subject, base, "batch_norm", "a rival", changed)
        return [replace(rival, sure=True)]

    rival = Axis(name="batch_norm", share=0.0, propose=propose, rivals=frozenset({"channels"}))
    rerun(Run.open(path), subject_of(path, prepared), silent, nothing, axes=(rival, *PREPROCESSING_AXES))
    table = Run.open(path).reruns.table.set_index("variant")
    assert asked == [""]
    assert table.loc[table["is_full"], "axis"].tolist() == ["channels", "batch_norm"]
    assert set(table.loc[table["axis"] == "geometry", "base"]) == {"channels-channels-in-rgb-order"}


def test_a_rival_that_was_confirmed_before_takes_the_base_where_it_gives_back_more(swapped, monkeypatch):
    path, prepared = swapped

    def propose(subject, base):
        changed = replace(base.preprocessing, channels="rgb", interpolation="nearest")
        return [replace(made(subject, base, "batch_norm", "a rival", changed), sure=True)]

    monkeypatch.setattr(Rounds, "_gain", lambda self, one: 0.5 if one.axis == "batch_norm" else 0.2)
    first = Axis(name="batch_norm", share=1.0, propose=propose, follows=False)
    rival = Axis(name="batch_norm", share=0.0, propose=propose, rivals=frozenset({"channels"}))
    rerun(Run.open(path), subject_of(path, prepared), silent, nothing, axes=(first, rival, *PREPROCESSING_AXES))
    table = Run.open(path).reruns.table.set_index("variant")
    assert table.loc[table["is_full"], "axis"].tolist() == ["batch_norm", "channels"]
    assert set(table.loc[table["axis"] == "geometry", "base"]) == {"batch-norm-a-rival"}


def test_what_the_axes_leave_over_goes_to_what_is_open_yet(swapped, monkeypatch):
    """Too little for each axis to tell anything: what may be worth most then gets the rest, and no more than that."""
    path, prepared = swapped
    monkeypatch.setattr(stage, "SPENT_ON_AXES", 0.5)
    monkeypatch.setattr(Rounds, "look_at_one_group", lambda self, axes: None)

    def asked():
        for file in (path / layout.RERUNS).glob("*.*"):
            file.unlink()
        reruns = go(path, prepared)
        assert not reruns.budget["confirmed"]
        return reruns.budget["pictures_asked"], int(reruns.table["images"].max())

    spent, most = asked()
    monkeypatch.setattr(Rounds, "go_on", lambda self: None)
    spent_by_axes, most_by_axes = asked()
    assert spent_by_axes <= 0.5 * 0.25 * len(Run.open(path)) < spent <= 0.25 * len(Run.open(path))
    assert most > 2 * most_by_axes
