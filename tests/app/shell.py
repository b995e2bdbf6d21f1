"""Runs for the pages of the shell, and a job store that starts no processes."""

from pathlib import Path

import pytest

from analysis.jobs import launch
from analysis.jobs.job import Job
from analysis.jobs.store import JobStore
from analysis.runs import layout
from tests.app.checklists import faulty, healthy, write_clusters, write_findings
from tests.app.whole_checklist import whole, write_proofs
from tests.planting import make_run

NAMES = [f"leaf <b>{number}</b> *x*" for number in range(10)]


@pytest.fixture(scope="session")
def shell_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``faulty``, ``whole`` (fifty findings), ``healthy``, ``nosplit`` (no old list) and ``begun`` (no diagnosis)."""
    root = tmp_path_factory.mktemp("shell")
    make_run(root / "faulty", permute=0.6, new_bias=3.0, hidden_group=0.1, class_names=NAMES)
    write_findings(root / "faulty", faulty())
    write_clusters(root / "faulty")
    make_run(root / "whole", permute=0.6, new_bias=3.0, class_names=NAMES, per_class=20)
    write_findings(root / "whole", whole())
    write_proofs(root / "whole")
    make_run(root / "healthy", per_class=20)
    write_findings(root / "healthy", healthy())
    make_run(root / "nosplit", per_class=20, old=None)
    found = healthy()
    found["accuracy"] |= {"old": None, "new": None, "n_old": None, "n_new": None}
    write_findings(root / "nosplit", found)
    make_run(root / "begun", per_class=20)
    (root / "folder-of-something-else").mkdir()
    (root / "damaged").mkdir()
    (root / "damaged" / layout.META).write_text("{", "utf-8")
    return root


@pytest.fixture
def shell_root(shell_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The planted runs as the app's runs root."""
    monkeypatch.setenv("FAULTLINE_RUNS", str(shell_runs))
    return shell_runs


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs are queued, but nothing is started; returns the jobs that would have been."""
    started: list[Job] = []

    def remember(store: JobStore, job: Job) -> None:
        started.append(job)

    monkeypatch.setattr(launch, "_spawn", remember)
    return started
