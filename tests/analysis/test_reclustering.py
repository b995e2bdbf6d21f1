"""Clusters with other parameters stand beside the run's own and change nothing of it."""

import math
from pathlib import Path

import numpy as np
import pytest

from analysis.embedding.clusters import Parameters
from analysis.errors import RunError
from analysis.reclustering import name_of, recluster
from analysis.runs.clusterings import StoredClustering, clusterings
from analysis.runs.run import Run
from tests.exploring import make_explored_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_explored_run(tmp_path_factory.mktemp("runs") / "r", classes=6, per_class=50).run


def test_they_stand_beside_the_runs_own(run: Run) -> None:
    before = {file: file.read_bytes() for file in run.path.glob("*.parquet")}
    told: list[str] = []
    found = recluster(run, Parameters(min_size=12, method="leaf", space="axes"), lambda stage, *_: told.append(stage))
    assert {file: file.read_bytes() for file in run.path.glob("*.parquet")} == before
    assert "clusters" in told
    assert clusterings(run.path) == [found.name] == ["all-axes-leaf-12"]
    again = StoredClustering.open(run.path, found.name)
    assert again is not None
    assert len(again.assigned) == len(run)
    assert len(again.table) == again.facts["clusters"] == len(again.stability) > 1
    assert set(again.table["cluster"]) == set(np.unique(again.assigned)) - {-1}
    assert set(again.over_represented["cluster"]) <= set(again.table["cluster"])


def test_failures_alone(run: Run) -> None:
    found = recluster(run, Parameters(min_size=5, of="failures"))
    assert found.name == "failures-map-eom-5"
    wrong = ~run.column("correct_repaired")
    assert (wrong[found.assigned >= 0]).any()


def test_names_are_folder_names() -> None:
    assert name_of(Parameters()) == "all-map-eom-auto"
    assert name_of(Parameters(min_size=30, epsilon=0.5)) == "all-map-eom-30-0.5"


@pytest.mark.parametrize(
    "parameters",
    [
        Parameters(min_size=1),
        Parameters(min_size=10**9),
        Parameters(method="best"),
        Parameters(of="none"),
        Parameters(space="../.."),
        Parameters(epsilon=-1.0),
        Parameters(epsilon=math.nan),
    ],
)
def test_parameters_out_of_range_are_refused(run: Run, parameters: Parameters) -> None:
    with pytest.raises(RunError):
        recluster(run, parameters)


def test_without_a_map_it_says_so(tmp_path: Path) -> None:
    run = make_explored_run(tmp_path / "r", classes=3, per_class=20, clusters=False, projection=False).run
    with pytest.raises(RunError, match="no map yet"):
        recluster(run, Parameters())


@pytest.mark.parametrize("name", ["", "../x", "x/y", ".hidden", "none"])
def test_what_is_no_clustering_is_none(run: Run, name: str) -> None:
    assert StoredClustering.open(run.path, name) is None
