"""What the embedding map loads: bytes of points and colours, words for the pointer, the selection as CSV."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.queries import colourings, outlines, points, runs
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


@pytest.mark.parametrize("by", ["Correctness", "Label", "column:camera"])
def test_colours_are_one_byte_a_sample(client: TestClient, full: RunKey, by: str) -> None:
    answer = client.get("/api/runs/full/map/colours", params={"by": by, "v": 1})
    assert answer.content == colourings.bytes_of(full, by, repaired=False)
    assert "immutable" in answer.headers["cache-control"]


def test_colours_tell_what_the_filter_leaves_out(client: TestClient, full: RunKey) -> None:
    content = client.get("/api/runs/full/map/colours", params={"where": "not correct"}).content
    out = np.frombuffer(content, dtype=np.uint8) & colourings.FILTERED > 0
    assert np.array_equal(out, runs.column(full, "correct"))
    wrong = client.get("/api/runs/full/map/colours", params={"where": "not ("})
    assert wrong.content == client.get("/api/runs/full/map/colours").content


def test_errors_are_one_bit_a_sample(client: TestClient, full: RunKey) -> None:
    content = client.get("/api/runs/full/map/wrong").content
    bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8), bitorder="little")[: runs.size(full)]
    assert np.array_equal(bits == 0, runs.column(full, "correct"))


def test_the_density_is_a_picture_of_what_is_seen(client: TestClient, full: RunKey) -> None:
    left, bottom, right, top = points.bounds(full)
    asked = {"box": f"{left}_{bottom}_{right}_{top}", "width": 80, "height": 60}
    whole, part, nothing = (
        np.asarray(Image.open(io.BytesIO(client.get("/api/runs/full/map/density", params=asked | more).content)))
        for more in ({}, {"hide": "1"}, {"box": f"{right + 1}_{bottom}_{right + 2}_{top}"})
    )
    assert whole.shape == (60, 80, 4)
    assert (whole[..., 3] > 0).sum() > (part[..., 3] > 0).sum() > 0
    assert not nothing[..., 3].any()


def test_a_cell_counts_and_names_its_middle(client: TestClient, full: RunKey) -> None:
    left, bottom, right, top = points.bounds(full)
    whole = {"box": f"{left}_{bottom}_{right}_{top}"}
    found = client.get("/api/runs/full/map/cell", params=whole).json()
    assert found["text"].startswith("720 samples, such as\n")
    xy = points.places(full)
    assert xy is not None
    middle = np.array([(left + right) / 2, (bottom + top) / 2])
    assert found["sample"] == int(np.square(xy - middle).sum(axis=1).argmin())
    wrong = int((~runs.column(full, "correct")).sum())
    for fewer in ({"hide": "0"}, {"where": "not correct"}):
        assert client.get("/api/runs/full/map/cell", params=whole | fewer).json()["text"].startswith(f"{wrong} samples")
    assert client.get("/api/runs/full/map/cell", params={"box": "900_900_901_901"}).json()["sample"] == -1
    assert client.get("/api/runs/full/map/cell", params={"box": "900"}).status_code == 404


@pytest.mark.parametrize("asked", [{}, {"box": "1_2_3_x", "width": 1, "height": 1}, {"box": "1_2_3_4", "width": "w"}])
def test_a_density_of_nonsense_is_a_404(client: TestClient, asked: dict) -> None:
    answer = client.get("/api/runs/full/map/density", params=asked)
    assert answer.status_code == 404
    assert "numbers" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "full/map/colours?by=Nothing",
        "bare/map/points",
        "none/map/points",
        "full/samples/99999",
        "..%2f..%2fetc/map/points",
    ],
)
def test_what_is_not_there_is_a_404(client: TestClient, path: str) -> None:
    assert client.get(f"/api/runs/{path}").status_code == 404


def test_words_for_the_pointer(client: TestClient, full: RunKey) -> None:
    answer = client.get("/api/runs/full/samples/3").json()
    assert answer["text"].startswith(str(runs.column(full, "label")[3]))
    assert answer["neighbours"] == points.neighbours(full, 3).tolist()


def test_the_selection_as_csv(client: TestClient, full: RunKey) -> None:
    area = "-99_-99_99_-99_99_99"
    answer = client.get("/api/runs/full/csv/samples", params={"area": area})
    table = pd.read_csv(io.StringIO(answer.text))
    assert set(table["sample_id"]) == set(outlines.samples_inside(full, area))
