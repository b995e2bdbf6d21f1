"""The boundary around pages, the choice of the run, and the first minute."""

from pathlib import Path

import pytest

from analysis.errors import RunError
from analysis.jobs.job import Job, JobState
from analysis.jobs.store import JobStore
from app.queries import overview
from app.queries.run_list import list_runs
from tests.app.pages import open_page, words


def test_without_a_run_in_the_link_the_newest_is_shown_and_named(shell_root: Path, no_processes: list[Job]) -> None:
    app = open_page("overview")
    assert app.session_state["run"] in ("faulty", "healthy", "nosplit", "begun", "whole")
    assert app.query_params["run"] == app.session_state["run"]


def test_a_link_shows_the_title_of_its_run_at_once(shell_root: Path, no_processes: list[Job]) -> None:
    title = next(entry.title for entry in list_runs() if entry.id == "faulty")
    assert title != "faulty"
    assert title in words(open_page("overview", run="faulty"))


def test_folders_that_are_no_run_are_not_offered(shell_root: Path) -> None:
    assert open_page("runs").selectbox(key="run").options == ["whole", "nosplit", "healthy", "faulty", "begun"]


@pytest.mark.parametrize("run", ["vanished", "../etc", ".faultline", "damaged", "<b>x", ""])
def test_an_unknown_run_is_answered_kindly(shell_root: Path, no_processes: list[Job], run: str) -> None:
    app = open_page("overview", run=run)
    assert not app.exception
    assert not app.error
    assert run == "" or "There is no run called" in words(app)


def test_a_folder_that_vanishes_while_it_is_shown_is_told(
    shell_root: Path, no_processes: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise RunError("There is no run called 'faulty' in runs.")

    monkeypatch.setattr("app.queries.overview.worst_clusters", gone)
    app = open_page("overview", run="faulty")
    assert not app.exception
    assert "There is no run called" in app.warning[-1].value


def test_a_fault_of_our_own_is_a_message_and_a_line_in_the_log(
    shell_root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(overview, "worst_clusters", broken)
    app = open_page("overview", run="faulty")
    assert not app.exception
    assert "Something went wrong on our side" in app.error[0].value
    assert "secret detail" not in words(app)
    reference = app.error[0].value.split("`")[1]
    assert any(reference in record.getMessage() and record.exc_info for record in caplog.records)


def test_with_no_runs_the_example_is_started_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_processes: list[Job]
) -> None:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path / "runs"))
    app = open_page("overview")
    assert "Why is my image classifier wrong?" in app.title[0].value
    assert "step 1 of 9, making the example" in words(app)
    open_page("overview")
    assert [job.command for job in no_processes] == [("demo", "--out", str(tmp_path / "runs" / "demo"))]


def test_an_example_that_failed_is_shown_and_not_started_again_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_processes: list[Job]
) -> None:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    store = JobStore(tmp_path)
    job, _ = store.add(kind="demo", title="Built-in example", output=tmp_path / "demo", command=("demo",))
    job.log.write_text("No space left on device\n")
    store.finish(job.id, JobState.FAILED, 2)
    app = open_page("overview")
    assert "No space left on device" in words(app)
    assert no_processes == []
    app.button(key=f"resume_{job.id}").click().run()
    assert len(no_processes) == 1


def test_a_run_that_is_being_written_shows_its_bar_on_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.planting import make_run

    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    make_run(tmp_path / "ours", per_class=10, thumbnails=False)
    store = JobStore(tmp_path)
    job, _ = store.add(kind="run", title="Ours", output=tmp_path / "ours", command=("run",))
    store.begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    text = words(open_page("overview", run="ours"))
    assert "step 1 of 8" in text
    assert "The verdict will appear here as soon as this run has computed it" in text
