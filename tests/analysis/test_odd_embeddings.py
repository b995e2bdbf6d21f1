"""Embeddings that are constant, not finite, few or copies of one another: the stages end, and the run says what is."""

from pathlib import Path

import numpy as np
import pytest

from analysis import stages
from analysis.runs import layout
from analysis.runs.atomic import write_array
from analysis.runs.run import Run
from tests.devices import DEVICE
from tests.planting import make_run


def _placed(path: Path, change: str, **options: int) -> tuple[Run, list[str]]:
    run = make_run(path, **options).run
    embeddings = np.array(run.embeddings)
    if change == "constant":
        embeddings[:] = 1
    elif change == "zero":
        embeddings[:] = 0
    elif change == "some not finite":
        embeddings[::7] = np.nan
        embeddings[3] = np.inf
    elif change == "copies":
        embeddings[len(embeddings) // 2 :] = embeddings[: len(embeddings) - len(embeddings) // 2]
    write_array(path / layout.EMBEDDINGS, embeddings)
    told: list[str] = []
    stages.find_neighbours(Run.open(path), DEVICE, lambda *_: None, told.append)
    stages.report(Run.open(path), None)
    stages.place(Run.open(path), lambda *_: None, told.append)
    stages.judge(Run.open(path), lambda *_: None)
    return Run.open(path), told


@pytest.mark.parametrize("change", ["constant", "zero", "some not finite", "copies", "few"])
def test_the_stages_end_and_the_clusters_fit_the_samples(tmp_path: Path, change: str) -> None:
    per_class = 4 if change == "few" else 20
    run, told = _placed(tmp_path / "r", change, classes=4, per_class=per_class)
    assigned, table = run.column("cluster"), run.clusters
    assert set(table["cluster"]) == set(np.unique(assigned)) - {-1}
    assert (table["size"].sum(), run.clustering["in_none"]) == ((assigned >= 0).sum(), (assigned < 0).sum())
    assert ((table["stability"].dropna() >= 0) & (table["stability"].dropna() <= 1)).all()
    if change in ("zero", "few"):
        assert table.empty
        assert any("No clusters" in sentence for sentence in told)
    if change == "some not finite":
        assert (assigned[::7] == -1).all()
        assert any("not finite" in sentence for sentence in told)
