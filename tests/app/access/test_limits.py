"""Sizes and rates."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.access.limits import LARGEST_BODY, LONGEST_ADDRESS, Limits, Rate


def test_a_bucket_empties_and_fills_again() -> None:
    now = [0.0]
    rate = Rate(per_minute=60, burst=2, clock=lambda: now[0])
    assert [rate.wait("a"), rate.wait("a"), rate.wait("a")] == [0, 0, 1.0]
    assert rate.wait("b") == 0, "one person's bucket is not another's"
    now[0] = 0.5
    assert rate.wait("a") == 0.5
    now[0] = 1.5
    assert rate.wait("a") == 0
    now[0] = 1000
    assert [rate.wait("a"), rate.wait("a"), rate.wait("a")] == [0, 0, 1.0], "never more than the burst"


def test_a_clock_that_goes_back_locks_nobody_out_for_long() -> None:
    now = [100.0]
    rate = Rate(per_minute=60, burst=1, clock=lambda: now[0])
    rate.wait("a")
    now[0] = 99.0
    rate.wait("a")
    now[0] = 101.0
    assert rate.wait("a") == 0


def _client(rate: Rate, near: str = "testclient") -> TestClient:
    routes = [Route("/{path:path}", lambda request: PlainTextResponse("inside"), methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Limits, rate=rate)]), client=(near, 50_000))


def test_what_costs_much_is_counted_and_the_rest_is_not(runs_folder: Path) -> None:
    client = _client(Rate(per_minute=1, burst=1))
    assert client.get("/api/runs/a/csv/samples").text == "inside"
    refused = client.get("/api/runs/a/csv/samples")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert all(client.get("/api/runs/a/thumbnails/1").status_code == 200 for _ in range(5))
    assert client.get("/examples?label=/csv/").status_code == 200


@pytest.mark.parametrize(
    ("near", "told", "counted"),
    [
        ("127.0.0.1", ["1.1.1.1", "2.2.2.2"], False),  # a proxy's word: these are two people
        ("10.0.0.7", ["9.9.9.9, 1.1.1.1", "8.8.8.8, 1.1.1.1"], True),  # what stood there before it added its own
        ("93.184.216.34", ["1.1.1.1", "2.2.2.2"], True),  # nobody's word but the asker's own
        ("no address", ["1.1.1.1", "2.2.2.2"], True),
    ],
)
def test_who_asks_cannot_be_made_up(runs_folder: Path, near: str, told: list[str], counted: bool) -> None:
    client = _client(Rate(per_minute=1, burst=1), near)
    first, second = (client.get("/s/guess", headers={"x-forwarded-for": each}).status_code for each in told)
    assert (first, second) == (200, 429 if counted else 200)


def test_what_is_too_large_is_refused(runs_folder: Path) -> None:
    client = _client(Rate(per_minute=60, burst=60))
    assert client.get("/x", params={"a": "y" * LONGEST_ADDRESS}).status_code == 414
    assert client.post("/x", headers={"content-length": str(LARGEST_BODY + 1)}).status_code == 413
    assert client.post("/x", headers={"content-length": "no number"}).status_code == 413
