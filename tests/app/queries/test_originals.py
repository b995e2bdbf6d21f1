"""Original pictures are given where they are pictures below an allowed folder, and never any other file."""

import json
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.queries import runs
from app.queries.originals import original
from app.routes import ROUTES
from tests.planting import make_run


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose validation set lies below an allowed folder that holds no files yet."""
    planted = make_run(tmp_path / "runs" / "here", per_class=3)
    images = tmp_path / "images"
    images.mkdir()
    meta = json.loads((planted.run.path / "run.json").read_text("utf-8"))
    meta["spec"] = {"data": {"validation": str(tmp_path / "val.csv"), "root": str(images)}}
    (planted.run.path / "run.json").write_text(json.dumps(meta), "utf-8")
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("FAULTLINE_ROOTS", str(images))
    return images


def _file(images: Path) -> Path:
    name = str(runs.column(runs.run_key("here"), "filepath")[0])
    path = images / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_a_picture_below_an_allowed_folder_is_given(pictures: Path) -> None:
    Image.new("RGB", (300, 200)).save(_file(pictures), "PNG")
    client = TestClient(Starlette(routes=ROUTES))
    answer = client.get("/api/runs/here/originals/0")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == _file(pictures).read_bytes()


def test_what_is_gone_or_no_picture_is_not_given(pictures: Path) -> None:
    key = runs.run_key("here")
    assert original(key, 0).reason == "the file is not on this machine"
    _file(pictures).write_text("<svg onload='alert(1)'/>", "utf-8")
    assert original(key, 0).reason == "browsers do not show this kind of file"
    assert original(key, -1).path is None
    assert original(key, 10**9).path is None
    assert TestClient(Starlette(routes=ROUTES)).get("/api/runs/here/originals/0").status_code == 404


def test_links_do_not_lead_out_of_the_allowed_folders(pictures: Path) -> None:
    outside = pictures.parent / "secret.png"
    Image.new("RGB", (3, 2)).save(outside)
    _file(pictures).symlink_to(outside)
    found = original(runs.run_key("here"), 0)
    assert found.path is None
    assert "outside the folders" in found.reason
