"""The page Find more: what it looks for, how far the pool is, and what it finds; its pictures and its CSV."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from analysis.jobs.job import Job
from analysis.runs import layout
from analysis.runs.atomic import write_json
from app import state
from app.pool_routes import POOL_ROUTES
from app.queries import pools, runs
from tests.app.pages import open_page, words
from tests.app.shell import no_processes  # noqa: F401 - fixture
from tests.exploring import make_explored_run, plant_pool


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`begun` has a pool of which 40 of 50 are there, `none` names one, `bare` has no embeddings."""
    root = tmp_path_factory.mktemp("pools")
    make_explored_run(root / "begun", classes=6, per_class=20)
    plant_pool(root / "begun")
    make_explored_run(root / "none", classes=6, per_class=20)
    meta = json.loads((root / "none" / layout.META).read_text())
    write_json(root / "none" / layout.META, meta | {"spec": {"data": {"unlabeled": "/somewhere/pool"}}})
    make_explored_run(root / "bare", classes=6, per_class=20, embeddings=False, clusters=False, projection=False)
    return root


@pytest.fixture(autouse=True)
def runs_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_RUNS", str(root))


def test_a_sample_finds_itself_first() -> None:
    key = runs.run_key("begun")
    found = pools.found(key, "unlabeled", {"ids": "7"}, 10, diverse=False)
    assert found["row"][0] == 7
    assert found["similarity"][0] == pytest.approx(1, abs=1e-3)
    assert found["nearest_sample_id"].tolist() == [7] * 10
    everything = pools.found(key, "unlabeled", {"ids": "0-119"}, 100, diverse=False)
    assert len(everything) == 38  # of 40, one is unreadable and one a copy
    assert {3, 5}.isdisjoint(everything["row"].tolist())


def test_the_page_tells_what_it_looks_for_and_how_far_the_pool_is() -> None:
    app = open_page("find_more", run="begun", ids="7,9-10")
    assert not app.exception
    said = words(app)
    assert "Looking for more like 3 samples" in said
    assert "40 of 50" in said
    assert "24 pictures, cosine 1.00" in said
    assert "The first 1 of 1" in said  # that could not be read


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"run": "begun"}, "Choose what to look for"),
        ({"run": "begun", "ids": "9999"}, "There is no sample 9999"),
        ({"run": "begun", "where": "loss > 1e9"}, "No sample is chosen"),
        ({"run": "begun", "cluster": "0", "more_in": "Training set"}, "The training set is not available"),
        ({"run": "none", "cluster": "0"}, "The unlabelled pool has not been embedded yet"),
        ({"run": "bare", "ids": "3"}, "It needs embeddings"),
    ],
)
def test_every_state_is_designed(link: dict[str, str], said: str) -> None:
    app = open_page("find_more", **link)
    assert not app.exception
    assert said in words(app).replace("\\", "")


def test_the_job_is_started_once(no_processes: list[Job]) -> None:  # noqa: F811 - the fixture
    app = open_page("find_more", run="none", cluster="0")
    next(button for button in app.button if button.label == "Embed it now").click().run()
    assert not app.exception
    assert [(job.kind, job.command[0]) for job in no_processes] == [("pool", "pool")]


def test_pictures_and_csv_over_http() -> None:
    client = TestClient(Starlette(routes=POOL_ROUTES))
    key = runs.run_key("begun")
    assert client.get(state.pool_picture_url(key, "unlabeled", 7, "x")).content == runs.open_run(key).run.thumbnail(7)
    assert client.get(state.pool_picture_url(key, "unlabeled", 3, "x")).status_code == 404
    for wrong in ("..%2F..", "nothing"):
        assert client.get(f"/api/runs/begun/pools/{wrong}/7").status_code == 404
    answer = client.get(state.alike_url(key, "unlabeled", ids="7", k=5, order="nearest"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    shown = pools.found(key, "unlabeled", {"ids": "7"}, 5, diverse=False)
    assert [row["filepath"] for row in rows] == shown["filepath"].tolist()
    assert np.allclose([float(row["similarity"]) for row in rows], shown["similarity"])
    for query in ("k=x&ids=7", "ids=99999", "cluster=77"):
        assert client.get(f"/api/runs/begun/alike/unlabeled?{query}").status_code == 404
