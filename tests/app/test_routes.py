"""Pictures, CSV and health over HTTP: kind, caching, headers, and nothing outside the runs root."""

import csv
import io
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app import state
from app.queries import classes, runs
from app.queries.classes import Filters
from app.queries.passing import Filter
from app.routes import ROUTES
from app.security import HEADERS, SecurityHeaders


@pytest.fixture
def client(shell_root: Path) -> TestClient:
    return TestClient(Starlette(routes=ROUTES, middleware=[Middleware(SecurityHeaders)]))


def test_health_and_headers(client: TestClient) -> None:
    answer = client.get("/api/health")
    assert answer.json() == {"status": "ok"}
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_picture_has_its_kind_and_is_kept_by_the_browser(client: TestClient) -> None:
    answer = client.get(state.thumbnail_url(runs.run_key("faulty"), 3))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert "immutable" in answer.headers["cache-control"]
    assert "no-cache" in client.get("/api/runs/faulty/thumbnails/3").headers["cache-control"]


def test_a_missing_picture_is_a_placeholder(client: TestClient) -> None:
    answer = client.get("/api/runs/faulty/thumbnails/99999")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path", ["nothing/thumbnails/1", "..%2F..%2Fetc/thumbnails/1", ".faultline/csv/samples", "faulty/csv/secrets"]
)
def test_what_is_not_there_is_a_sentence(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/runs/{path}")
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("table", ["samples", "classes", "confusions", "clusters", "findings", "problems"])
def test_every_table_is_csv_with_a_file_name(client: TestClient, table: str) -> None:
    answer = client.get(state.csv_url(runs.run_key("faulty"), table))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="faulty-{table}.csv"'
    header = next(csv.reader(io.StringIO(answer.text)))
    assert len(header) > 1


def test_one_clusters_samples(client: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/api/runs/faulty/csv/samples?cluster=1").text)))
    assert {row["cluster"] for row in rows} == {"1"}
    assert len(rows) == 20
    assert client.get("/api/runs/faulty/csv/samples?cluster=77").status_code == 404


@pytest.mark.parametrize(
    ("variant", "sample", "status"),
    [("channels-rgb-87.5", 3, 200), ("run", 7, 200), ("run", 4, 404), ("..", 3, 404), ("not a picture", 3, 404)],
)
def test_only_pictures_that_were_written_are_served(client: TestClient, variant: str, sample: int, status: int) -> None:
    answer = client.get(f"/api/runs/whole/reruns/{quote(variant)}/{sample}")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == "image/png"


def test_a_variant_in_the_address_is_no_path(client: TestClient) -> None:
    for hostile in ("..%2F..%2Frun", "%2e%2e", "run-3.png%00"):
        assert client.get(f"/api/runs/whole/reruns/{hostile}/3").status_code == 404


def test_chosen_samples_in_every_form(client: TestClient) -> None:
    key = runs.run_key("faulty")
    table = client.get(state.export_url(key, "samples", ids="3,5-6", cluster=-1)).text
    assert {row["sample_id"] for row in csv.DictReader(io.StringIO(table))} <= {"3", "5", "6"}
    labels = client.get(state.export_url(key, "fiftyone-labels", ids="3,5-6"))
    assert labels.headers["content-disposition"] == 'attachment; filename="faulty-fiftyone-labels-3_5-6.json"'
    assert len(labels.json()["labels"]) == 3
    assert client.get(state.export_url(key, "report")).headers["content-type"].startswith("text/html")
    assert client.get("/api/runs/faulty/csv/samples?ids=4").text.count("\n") == 2  # links made earlier


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(text="0", group="Old", sort="Recall", reverse=True),
        Filters(with_samples=False, sort="Index", where=Filter("not correct")),
    ],
)
def test_the_classes_shown_are_the_classes_exported(client: TestClient, filters: Filters) -> None:
    key = runs.run_key("faulty")
    answer = client.get(state.csv_url(key, "classes", **classes.in_link(filters)))
    told = pd.read_csv(io.StringIO(answer.text))
    shown = classes.table(key, filters.where).iloc[classes.ordered(key, filters)]
    assert told["class_index"].tolist() == shown["class_index"].tolist()
    assert len(shown)
    np.testing.assert_allclose(told["recall_shrunk"], shown["recall_shrunk"])
    assert told["errors"].sum() == shown["errors"].sum()


@pytest.mark.parametrize("params", [{"sort": "<script>"}, {"group": "' or 1=1"}, {"search": "x", "where": "los > 2"}])
def test_classes_that_no_page_shows_are_not_exported(client: TestClient, params: dict[str, str]) -> None:
    answer = client.get(state.csv_url(runs.run_key("faulty"), "classes", **params))
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_tables_of_classes_are_counted_over_what_passes(client: TestClient) -> None:
    key = runs.run_key("faulty")
    counted = pd.read_csv(io.StringIO(client.get(state.csv_url(key, "classes", where="not correct")).text))
    assert counted["support"].sum() == (~runs.column(key, "correct")).sum()
    assert not counted["correct"].any()
    pairs = pd.read_csv(io.StringIO(client.get(state.csv_url(key, "confusions", where="not correct")).text))
    assert pairs["count"].sum() == counted["support"].sum()
    assert pairs["label"].notna().all()
    assert (pairs["label_index"] != pairs["prediction_index"]).all()
    assert client.get(state.csv_url(key, "classes", where="los > 2")).status_code == 404


def test_tables_behind_findings_and_slices(client: TestClient) -> None:
    key = runs.run_key("whole")
    answer = client.get(state.csv_url(key, "evidence", finding="logit_group_bias", proof="sweep"))
    assert answer.headers["content-disposition"] == 'attachment; filename="whole-evidence-logit_group_bias-sweep.csv"'
    there = runs.evidence_tables(key, "logit_group_bias")["sweep"]
    assert pd.read_csv(io.StringIO(answer.text)).columns.tolist() == there.columns.tolist()
    missing = client.get(state.csv_url(key, "evidence", finding="logit_group_bias", proof="../../run"))
    assert missing.status_code == 404
    assert "evidence/logit_group_bias/sweep" in missing.text
    assert client.get(state.csv_url(key, "slices")).text.startswith('"slice","name"')


@pytest.mark.parametrize("query", ["ids=x", "ids=99999", "cluster=a", "finding=..%2Frun", "area=nonsense", "where=los"])
def test_a_wrong_choice_is_a_sentence(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/runs/faulty/export/samples?{query}")
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
