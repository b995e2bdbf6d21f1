"""Edits of clusters through the store: they change what is shown, links survive, and they can be taken back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.embedding.clusters import Parameters
from analysis.errors import RunError
from analysis.reclustering import recluster
from analysis.runs.run import Run
from app.queries import cluster_edits, clusterings, clusters, exports, runs
from app.queries.clusterings import OWN, Shown
from app.queries.runs import RunKey
from tests.exploring import make_explored_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("edited")
    run = make_explored_run(root / "edited", classes=6, per_class=50).run
    recluster(Run.open(run.path), Parameters(min_size=12, space="axes"))
    return root


@pytest.fixture
def key(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunKey:
    monkeypatch.setenv("FAULTLINE_RUNS", str(folder))
    monkeypatch.setenv("FAULTLINE_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    return runs.run_key("edited")


def _shown(key: RunKey, name: str = OWN) -> Shown:
    found = clusterings.shown(key, name)
    assert found is not None
    return found


def test_merge_rename_hide_and_back_again(key: RunKey) -> None:
    before = _shown(key)
    sizes = before.table.set_index("cluster")["size"]
    clusters.merge(key, before, 0, (1,))
    merged = _shown(key)
    row = merged.row(1)  # a link to the one that is no more
    assert row is not None
    assert (row["cluster"], row["size"]) == (0, sizes.sum())
    assert not merged.is_as_found(0)
    clusters.rename(key, merged, 0, "Blurred **ones**")
    clusters.hide(key, _shown(key), 0, hidden=True)
    hidden = _shown(key)
    assert hidden.ranked.empty
    assert hidden.row(0)["name"] == "Blurred **ones**"
    for _ in range(3):
        assert cluster_edits.undo(key, OWN) is not None
    assert cluster_edits.undo(key, OWN) is None
    pd.testing.assert_frame_equal(_shown(key).table, before.table)


def test_a_split_gives_the_smaller_part_a_number_of_its_own(key: RunKey) -> None:
    before = _shown(key)
    number = clusters.split(key, before, 0)
    after = _shown(key)
    assert number == 2
    assert set(after.assigned[before.assigned == 0]) == {0, 2}
    sizes = after.table.set_index("cluster")["size"]
    assert sizes[2] <= sizes[0]
    assert sizes[0] + sizes[2] == before.table.set_index("cluster")["size"][0]
    clusters.merge(key, after, 0, (2,))
    np.testing.assert_array_equal(_shown(key).assigned, before.assigned)


def test_what_is_changed_is_counted_anew_and_the_rest_stays(key: RunKey) -> None:
    before = _shown(key)
    clusters.split(key, before, 0)
    after = _shown(key)
    wrong = ~runs.column(key, "correct_repaired")
    for row in after.table.itertuples(index=False):
        assert row.errors == (wrong & (after.assigned == row.cluster)).sum()
    kept = after.table.set_index("cluster").loc[1]
    assert kept["name"] == before.table.set_index("cluster").loc[1, "name"]


def test_another_clustering_has_edits_of_its_own(key: RunKey) -> None:
    assert clusterings.names(key) == ["all-axes-eom-12"]
    assert clusterings.in_words("all-axes-eom-12") == "all samples by 10 axes, eom, from 12"
    other = _shown(key, "all-axes-eom-12")
    clusters.rename(key, other, 0, "mine")
    assert _shown(key, "all-axes-eom-12").row(0)["name"] == "mine"
    assert _shown(key).row(0)["name"] != "mine"
    assert clusterings.shown(key, "none") is None


def test_two_people_at_once_lose_nothing(key: RunKey) -> None:
    seen = _shown(key)
    clusters.rename(key, seen, 0, "a")
    clusters.rename(key, seen, 1, "b")  # of what was shown before the first
    assert dict(_shown(key).edited.names) == {0: "a", 1: "b"}


def test_the_exported_samples_are_those_shown(key: RunKey) -> None:
    clusters.split(key, _shown(key), 0)
    shown = _shown(key)
    lines = b"".join(exports.export(key, "samples", {"clustering": "run", "cluster": "2"}).chunks).splitlines()
    assert len(lines) == 1 + (shown.assigned == 2).sum()
    table = b"".join(exports.export(key, "clusters", {"clustering": "run"}).chunks).decode()
    assert table.splitlines()[0].startswith('"cluster","name","size"')
    assert len(table.splitlines()) == 1 + len(shown.table)
    with pytest.raises(RunError, match="no cluster 99"):
        exports.export(key, "samples", {"clustering": "run", "cluster": "99"})
    with pytest.raises(RunError, match="no clustering"):
        exports.export(key, "clusters", {"clustering": "../x"})
