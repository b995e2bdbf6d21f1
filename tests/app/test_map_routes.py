"""What the embedding map loads: bytes of points and colours, words for the pointer, the selection as CSV."""

import io

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.queries import points, runs
from app.queries.runs import RunKey
from app.routes import ROUTES


@pytest.fixture
def client(full: RunKey) -> TestClient:
    return TestClient(Starlette(routes=ROUTES))


def test_points_are_pairs_of_float32(client: TestClient, full: RunKey) -> None:
    answer = client.get("/api/runs/full/map/points?v=1")
    xy = np.frombuffer(answer.content, dtype="<f4").reshape(-1, 2)
    assert np.array_equal(xy, points.places(full))
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("by", points.COLOURINGS)
def test_colours_are_one_byte_a_sample(client: TestClient, full: RunKey, by: str) -> None:
    content = client.get(f"/api/runs/full/map/colours/{by}").content
    assert np.array_equal(np.frombuffer(content, dtype=np.uint8), points.colouring(full, by).codes)


@pytest.mark.parametrize(
    "path",
    [
        "full/map/colours/Nothing",
        "bare/map/points",
        "none/map/points",
        "full/samples/99999",
        "..%2f..%2fetc/map/points",
    ],
)
def test_what_is_not_there_is_a_404(client: TestClient, path: str) -> None:
    assert client.get(f"/api/runs/{path}").status_code == 404


def test_words_for_the_pointer(client: TestClient, full: RunKey) -> None:
    text = client.get("/api/runs/full/samples/3").json()["text"]
    assert text.startswith(str(runs.column(full, "label")[3]))


def test_the_selection_as_csv(client: TestClient, full: RunKey) -> None:
    area = "-99_-99_99_-99_99_99"
    answer = client.get("/api/runs/full/csv/samples", params={"area": area})
    table = pd.read_csv(io.StringIO(answer.text))
    assert set(table["sample_id"]) == set(points.samples_inside(full, area))
