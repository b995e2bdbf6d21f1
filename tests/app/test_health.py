"""/healthz and /metrics."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app import metrics
from app.health import ROUTES
from app.metrics import Measured, kind


@pytest.fixture
def client(shell_root: Path) -> TestClient:
    return TestClient(Starlette(routes=ROUTES, middleware=[Middleware(Measured)]))


def test_healthz(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert "/" not in answer.text, "no paths for strangers"


def test_a_folder_that_cannot_be_read_is_failing(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "file"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["runs_readable"]) == (503, False)


def test_metrics_are_prometheus_text(client: TestClient) -> None:
    client.get("/healthz")
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+({[a-z]+="[^"]*"(,[a-z]+="[^"]*")*})? [0-9.e+]+(Inf)?', line) for line in lines)
    names = {line.split("{")[0].split()[0] for line in lines}
    assert {"faultline_runs", "faultline_jobs", "faultline_memory_bytes", "faultline_request_seconds_count"} <= names


def test_metrics_are_not_for_everybody(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    assert client.get("/metrics", headers=forwarded).status_code == 403
    monkeypatch.setenv("FAULTLINE_METRICS_TOKEN", "0123456789abcdef")
    assert client.get("/metrics", headers=forwarded | {"authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics", headers=forwarded | {"authorization": "Bearer 0123456789abcdef"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/api/runs/a/csv/samples", "csv"),
        ("/api/runs/a/thumbnails/7", "picture"),
        ("/classes", "page"),
        ("/s/a", "short_link"),
    ],
)
def test_addresses_are_counted_by_kind(path: str, word: str) -> None:
    assert kind(path) == word
    assert metrics.registry is not None
