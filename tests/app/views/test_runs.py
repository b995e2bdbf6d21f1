"""The page Runs: the list, jobs in every state, and the form with its look before the start."""

import json
import time
import tomllib
import zlib
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.catalog import trash
from analysis.catalog.trash import Deleted, Trash
from analysis.errors import AnalysisError
from analysis.jobs.job import Job, JobState
from analysis.jobs.store import JobStore
from app.access import audit
from app.people import Person, Role
from app.queries import catalog, investigations, preflight, runs
from app.queries.run_list import list_runs
from tests.app.pages import open_page, words
from tests.planting import make_run


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    make_run(tmp_path / "ours", per_class=10, thumbnails=False)
    return tmp_path


def _job(root: Path, state: JobState, log: str = "") -> Job:
    store = JobStore(root)
    job, _ = store.add(kind="run", title="Leaves *2*", output=root / "leaves", command=("run", "x.toml"))
    job.log.write_text(log)
    if state.active:
        store.begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    else:
        store.finish(job.id, state, 2)
    return job


def _table_key(*ids: str) -> str:
    return f"runs_table_{zlib.crc32(repr(list(ids)).encode()):x}"


def _table(app: AppTest) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if "Main cause" in frame.value)


def _choose(app: AppTest, rows: list[int], *ids: str) -> AppTest:
    app.session_state[_table_key(*ids)] = {"selection": {"rows": rows}}
    return app.run()


def test_the_table_says_what_each_run_is(root: Path) -> None:
    table = _table(open_page("runs"))
    assert table[["Title", "Run", "State", "Main cause", "Samples", "Classes", "Owner"]].to_numpy().tolist() == [
        ["A planted run", "ours", "complete", "not known yet", 100, 10, "–"]
    ]
    assert table["Size"][0] > 1000


def test_choosing_a_row_opens_the_run(root: Path) -> None:
    app = _choose(open_page("runs"), [0], "ours")
    app.button(key="runs_open").click().run()
    assert not app.exception
    assert app.session_state["run"] == "ours"
    assert "The verdict is missing" in words(app)


def test_a_link_names_the_chosen_runs(root: Path) -> None:
    app = open_page("runs", chosen="ours")
    assert "1 run chosen" in words(app)
    assert "Tick a row" in words(open_page("runs", chosen="'; DROP TABLE runs; --"))


def test_a_run_gets_another_title_and_keeps_its_folder(root: Path) -> None:
    app = _choose(open_page("runs"), [0], "ours")
    app.button(key="runs_rename").click().run()
    app.text_input(key="runs_title_ours").set_value("Leaves <b>*again*")
    app.button(key="runs_rename_save").click().run()
    assert not app.exception
    assert _table(open_page("runs"))[["Title", "Run"]].to_numpy().tolist() == [["Leaves <b>*again*", "ours"]]


def test_archived_runs_are_hidden_and_come_out_again(root: Path) -> None:
    make_run(root / "theirs", per_class=10, thumbnails=False)
    app = open_page("runs", chosen="theirs")
    app.button(key="runs_archive").click().run()
    assert list(_table(app)["Run"]) == ["ours"]
    assert "There is no run" not in words(open_page("overview", run="theirs"))
    app = open_page("runs", chosen="theirs", runs_archived="true")
    assert app.button(key="runs_archive").label == "Take out of the archive"
    app.button(key="runs_archive").click().run()
    assert len(_table(open_page("runs"))) == 2


def test_a_deleted_run_is_asked_about_and_can_be_fetched_back(root: Path) -> None:
    app = _choose(open_page("runs"), [0], "ours")
    app.button(key="runs_delete").click().run()
    assert "They go to the trash" in words(app)
    assert (root / "ours").is_dir()
    app.button(key="runs_delete_really").click().run()
    assert not app.exception
    assert not (root / "ours").exists()
    assert "Deleted: " in words(app)
    app.button(key="runs_undo_delete").click().run()
    assert (root / "ours" / "run.json").is_file()
    assert "Deleted: " not in words(app)


def test_what_lay_in_the_trash_for_its_week_is_freed_by_a_look_at_the_runs(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Trash(root).delete("ours", title="Ours", author="Ada")
    assert "freed in 7 days" in words(open_page("runs"))
    clock = [time.time()]
    monkeypatch.setattr(trash.time, "time", lambda: clock[0])
    for days in (7.5, 1.5):
        clock[0] += days * 86_400
        open_page("runs")
    assert Trash(root).listed() == []
    assert [line["action"] for line in audit.lines()] == ["freed a run for good, its time was over"]


def test_a_run_that_a_job_writes_is_not_deleted(root: Path) -> None:
    store = JobStore(root)
    job, _ = store.add(kind="run", title="Ours", output=root / "ours", command=("run",))
    store.begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    app = _choose(open_page("runs"), [0], "ours")
    app.button(key="runs_delete").click().run()
    app.button(key="runs_delete_really").click().run()
    assert "A job is at work on ours" in words(app).replace("\\", "")
    assert (root / "ours").is_dir()


def test_five_hundred_runs_are_searched_sorted_and_paged(root: Path) -> None:
    meta = json.loads((root / "ours" / "run.json").read_text())
    for number in range(499):
        (root / f"r{number:03d}").mkdir()
        meta |= {"title": f"Number {number}", "created": f"2024-01-01T00:{number // 60:02d}:{number % 60:02d}+00:00"}
        (root / f"r{number:03d}" / "run.json").write_text(json.dumps(meta))
    app = open_page("runs", runs_page="2")
    assert "500 runs" in words(app)
    assert len(_table(app)) == 50
    assert _table(app)["Run"][0] == "r449"
    assert _table(open_page("runs", runs_sort="Oldest"))["Run"][0] == "r000"
    assert _table(open_page("runs", runs_text="number 123"))["Run"].tolist() == ["r123"]
    assert "No run matches" in words(open_page("runs", runs_text="<script>alert(1)</script>"))


def test_who_may_only_look_changes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.people.current", lambda: Person(name="Eve", role=Role.VIEWER))
    app = _choose(open_page("runs"), [0], "ours")
    assert not app.button(key="runs_open").disabled
    assert all(app.button(key=f"runs_{name}").disabled for name in ("rename", "archive", "delete"))
    (row,) = catalog.shown(list_runs(), [])
    deleted = Deleted(number="x", run="ours", title="", author="Ada", at=0.0, path=root)
    for act in (
        lambda: catalog.rename("ours", "x"),
        lambda: catalog.archive(["ours"], True),
        lambda: catalog.delete(row),
        lambda: catalog.restore(deleted),
        lambda: catalog.free(deleted),
    ):
        with pytest.raises(AnalysisError, match="role editor"):
            act()


def test_what_others_made_only_an_admin_deletes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = JobStore(root)
    job, _ = store.add(kind="run", title="Ours", output=root / "ours", command=("run",), author="Ada")
    store.finish(job.id, JobState.DONE, 0)
    (row,) = catalog.shown(list_runs(), store.newest())
    assert row.owner == "Ada"
    monkeypatch.setattr("app.people.current", lambda: Person(name="Eve", role=Role.EDITOR))
    with pytest.raises(AnalysisError, match="what Ada made"):
        catalog.delete(row)
    monkeypatch.setattr("app.people.current", lambda: Person(name="Ada", role=Role.EDITOR))
    deleted = catalog.delete(row)
    monkeypatch.setattr("app.people.current", lambda: Person(name="Eve", role=Role.EDITOR))
    with pytest.raises(AnalysisError, match="what Ada deleted"):
        catalog.free(deleted)
    assert catalog.restore(deleted) == "ours"


def test_deleting_says_what_people_added(root: Path) -> None:
    key = runs.run_key("ours")
    investigations.put(key, "note", "class:1", {"text": "x"}, expected=0)
    investigations.put(key, "follow_up", "a", {"run": "x"}, expected=0)
    investigations.put(key, "follow_up", "b", {"run": "y"}, expected=0)
    app = _choose(open_page("runs"), [0], "ours")
    app.button(key="runs_delete").click().run()
    assert "It has 1 note, 2 links to a follow\\-up run; they are kept" in words(app)


def test_a_failed_job_shows_its_last_words_and_can_go_on(root: Path, no_processes: list[Job]) -> None:
    job = _job(root, JobState.FAILED, "start\nval.csv has no column `label`\n")
    app = open_page("runs")
    text = words(app)
    assert "stopped with an error" in text
    assert "val.csv has no column `label`" in text
    assert "start" in app.code[0].value
    app.button(key=f"resume_{job.id}").click().run()
    assert [started.title for started in no_processes] == ["Leaves *2*"]


def test_a_vanished_process_is_told_and_goes_on_with_resume(root: Path, no_processes: list[Job]) -> None:
    job = _job(root, JobState.DEAD)
    (root / "leaves").mkdir()
    (root / "leaves" / "progress.json").write_text("{}")
    app = open_page("runs")
    assert "its process was killed" in words(app)
    app.button(key=f"resume_{job.id}").click().run()
    assert no_processes[0].command[-1] == "--resume"


def test_a_running_job_shows_its_step_and_can_be_stopped(root: Path) -> None:
    job = _job(root, JobState.RUNNING)
    (root / "leaves").mkdir()
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 1))
    (root / "leaves" / "progress.json").write_text(
        f'{{"stage": "inference", "done": 320, "total": 1000, "rate": 55.2, "seconds_left": 12.3, "state": "running", '
        f'"updated": "{now}"}}'
    )
    app = open_page("runs")
    text = words(app)
    assert "step 2 of 8, running the network over the pictures" in text
    assert "320 of 1,000 · 55 a second · about 12 s left in this step" in text
    app.button(key=f"cancel_{job.id}").click().run()
    stopped = JobStore(root).get(job.id)
    assert stopped is not None
    assert stopped.state is JobState.CANCELLING


def _fill(root: Path, **fields: str) -> AppTest:
    app = open_page("runs")
    for name, value in fields.items():
        app.text_input(key=f"new_{name}").set_value(value)
    look = next(button for button in app.button if button.label == "Look at these files")
    return look.click().run()


def test_an_empty_form_says_what_is_missing_and_start_stays_off(root: Path) -> None:
    app = _fill(root, title="Nothing")
    assert [message.value.replace("\\", "") for message in app.error] == [
        "Missing: the checkpoint to diagnose.",
        "Missing: the list of class names, in the order of the network's outputs.",
        "Missing: the validation set: a manifest or an image folder.",
    ]
    assert app.button(key="new_start").disabled


def test_a_path_outside_says_how_to_allow_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_ROOTS", str(root))
    app = _fill(root, checkpoint="/etc/passwd", names="/etc/passwd", validation="/etc/passwd")
    message = app.error[0].value.replace("\\", "")
    assert message.startswith("model.checkpoint: /etc/passwd lies outside the folders this app may read")
    assert f"FAULTLINE_ROOTS='{root}:/etc'" in message


FOUND = {
    "errors": [],
    "warnings": ["3 classes have no sample"],
    "notices": [],
    "checkpoint": {"parameters": 40506, "tensors": 22, "loaded": 22, "weights": "model"},
    "head": {"name": "fc", "kind": "linear", "outputs": 10, "dims": 64, "has_bias": True},
    "classes": {"listed": 10, "old": 7, "new": 3},
    "data": {"validation": {"samples": 959, "classes": 10, "files_looked_at": 959, "files_missing": 0}},
}


def test_a_clean_look_enables_start_and_start_makes_a_job(
    root: Path, monkeypatch: pytest.MonkeyPatch, no_processes: list[Job]
) -> None:
    monkeypatch.setattr(preflight, "inspect", lambda file: FOUND)
    inside = str(root / "ours" / "run.json")
    app = _fill(root, title="Leaves: *new*", checkpoint=inside, names=inside, validation=inside)
    text = words(app).replace("\\", "")
    assert "40,506 parameters; all of 22 tensors loaded" in text
    assert "10 names: 7 old, 3 new." in text
    assert "3 classes have no sample" in text
    start = app.button(key="new_start")
    assert not start.disabled
    start.click().run()
    assert not app.exception
    job = no_processes[0]
    assert (job.title, job.output.name) == ("Leaves: *new*", "leaves-new")
    file = Path(job.command[1])
    assert tomllib.loads(file.read_text("utf-8"))["model"]["checkpoint"] == str(inside)


def test_errors_of_the_look_keep_start_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = str(root / "ours" / "run.json")
    monkeypatch.setattr(preflight, "inspect", lambda file: {**FOUND, "errors": ["The checkpoint is no state dict."]})
    app = _fill(root, checkpoint=inside, names=inside, validation=inside)
    assert "The checkpoint is no state dict" in app.error[0].value
    assert app.button(key="new_start").disabled


def test_a_look_that_cannot_be_made_says_why(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: Path) -> None:
        raise AnalysisError("classes.json is empty.")

    inside = str(root / "ours" / "run.json")
    monkeypatch.setattr(preflight, "inspect", fail)
    app = _fill(root, checkpoint=inside, names=inside, validation=inside)
    assert "classes\\.json is empty" in app.error[0].value
    assert app.button(key="new_start").disabled
