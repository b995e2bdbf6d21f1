"""Every test that takes `url` or `store` runs on both databases."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from analysis.investigations.store import InvestigationStore
from tests.postgres import Postgres, running

RUN = "00112233445566ff"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests of the session."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes addresses of databases that do not exist yet, or are empty."""

    def make() -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path / name / 'investigations.sqlite'}"
        server: Postgres = request.getfixturevalue("postgres")
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{server.url()}?options=-csearch_path%3D{name}"

    return make


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    """Address of an empty database."""
    return new_url()


@pytest.fixture
def store(url: str) -> Iterator[InvestigationStore]:
    """An empty store."""
    with InvestigationStore(url) as opened:
        yield opened
