"""Planted runs below one root, made once; the app reads them as it reads any run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from app.components import near_view
from app.queries import runs
from app.queries.runs import RunKey
from tests.app.shell import no_processes, shell_root, shell_runs  # noqa: F401 - fixtures
from tests.exploring import make_explored_run
from tests.planting import Planted


@pytest.fixture(autouse=True)
def everything_in_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest has no view: every part of a page is drawn."""
    monkeypatch.setattr(near_view, "is_near", lambda key: True)


@pytest.fixture(autouse=True)
def caches_end_with_the_runs_they_are_of(request: pytest.FixtureRequest) -> Iterator[None]:
    """The app has one runs root; here a copied run has the name and the times of its original below another root."""
    yield
    if "tmp_path" in request.fixturenames:
        st.cache_resource.clear()
        st.cache_data.clear()


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Planted]:
    """`full`: everything there; `nosplit`: no old list; `bare`: no embeddings, head, pictures or clusters."""
    root = tmp_path_factory.mktemp("explored")
    return {
        "full": make_explored_run(root / "full", copies=True, hierarchy=True),
        "nosplit": make_explored_run(root / "nosplit", old=None, clusters=False, projection=False),
        "bare": make_explored_run(
            root / "bare", embeddings=False, head=False, thumbnails=False, clusters=False, projection=False
        ),
    }


@pytest.fixture
def explored_root(explored: dict[str, Planted], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of the planted runs, set as the app's."""
    root = explored["full"].run.path.parent
    monkeypatch.setenv("FAULTLINE_RUNS", str(root))
    return root


@pytest.fixture
def full(explored_root: Path) -> RunKey:
    """Key of the planted run that has everything."""
    return runs.run_key("full")


@pytest.fixture
def nosplit(explored_root: Path) -> RunKey:
    """Key of the planted run without an old list."""
    return runs.run_key("nosplit")


@pytest.fixture
def bare(explored_root: Path) -> RunKey:
    """Key of the planted run without embeddings, head, pictures and clusters."""
    return runs.run_key("bare")
