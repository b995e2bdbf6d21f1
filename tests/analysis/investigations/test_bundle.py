"""An investigation as one file: it carries everything over, and nothing in it is trusted."""

import io
import json
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import StoreError
from analysis.investigations import unpacking
from analysis.investigations.bundle import export_investigation, import_investigation
from analysis.investigations.store import InvestigationStore
from analysis.runs.identity import run_identity
from analysis.runs.run import Run
from tests.planting import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    planted = make_run(tmp_path_factory.mktemp("there") / "leaves", per_class=4)
    (planted.run.path / ".lock").write_text("")
    return planted.run


@pytest.fixture
def here(tmp_path: Path) -> Iterator[InvestigationStore]:
    with InvestigationStore(f"sqlite:///{tmp_path}/here/.faultline/investigations.sqlite") as store:
        yield store


@pytest.fixture
def there(tmp_path: Path, run: Run) -> Iterator[InvestigationStore]:
    with InvestigationStore(f"sqlite:///{tmp_path}/there.sqlite") as store:
        identity = run_identity(run.meta)
        store.put(identity, "note", "cluster:1", {"text": "naïve 😀"}, author="ada", expected=0)
        store.put_many(identity, "triage", {"1": {"tags": ["blurred"]}, "2": {"tags": ["blurred"]}}, author="bob")
        yield store


@pytest.fixture
def file(there: InvestigationStore, run: Run, tmp_path: Path) -> Path:
    out = tmp_path / "leaves.zip"
    assert export_investigation(there, run, out, with_run=True) == 3
    return out


def test_everything_comes_over_and_the_run_with_it(
    file: Path, here: InvestigationStore, there: InvestigationStore, run: Run, tmp_path: Path
) -> None:
    root = tmp_path / "here"
    done = import_investigation(here, file, root)
    assert done.run == run_identity(run.meta)
    assert here.history(done.run) == there.history(done.run)
    assert done.folder == root / "a-planted-run"
    for path in run.path.rglob("*"):
        copied = done.folder / path.relative_to(run.path)
        assert copied.is_dir() if path.is_dir() else path.name == ".lock" or copied.read_bytes() == path.read_bytes()
    assert not (done.folder / ".lock").exists()
    again = import_investigation(here, file, root)
    assert (again.folder, again.merged.changes) == (None, 0)
    assert [path.name for path in (root / ".faultline").iterdir() if "import" in path.name] == []
    assert "3 new changes" in done.to_text()
    assert "here already" in again.to_text()


def test_without_the_run_only_words_are_carried(
    there: InvestigationStore, here: InvestigationStore, run: Run, tmp_path: Path
) -> None:
    export_investigation(there, run, tmp_path / "words.zip")
    assert zipfile.ZipFile(tmp_path / "words.zip").namelist() == ["investigation.json"]
    done = import_investigation(here, tmp_path / "words.zip", tmp_path / "here")
    assert done.folder is None
    assert "is not here" in done.to_text()
    assert here.items(done.run, "note")[0].author == "ada"


def _content(file: Path) -> dict[str, Any]:
    return dict(json.loads(zipfile.ZipFile(file).read("investigation.json")))


def _zip(path: Path, members: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "name", ["run/../../evil", "run//etc/passwd/../x", "run/a\\..\\b", "run/.hidden/x", "run/c:x", _link("run/link")]
)
def test_names_that_lead_elsewhere_are_refused_whole(
    file: Path, here: InvestigationStore, tmp_path: Path, name: str | zipfile.ZipInfo
) -> None:
    words = json.dumps(_content(file)).encode()
    bad = _zip(tmp_path / "bad.zip", {"investigation.json": words, "run/run.json": b"{}", name: b"x"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match="no plain file of a run"):
        import_investigation(here, bad, tmp_path / "here")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_is_stopped_while_it_unpacks(
    file: Path, here: InvestigationStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "SLACK_BYTES", 2**20)
    words = json.dumps(_content(file)).encode()
    bomb = _zip(tmp_path / "bomb.zip", {"investigation.json": words, "run/samples.parquet": bytes(40 * 2**20)})
    with pytest.raises(StoreError, match="far more"):
        import_investigation(here, bomb, tmp_path / "here")
    assert not list((tmp_path / "here").rglob("*.parquet"))
    monkeypatch.setattr(unpacking, "CONTENT_BYTES", 2**10)
    with pytest.raises(StoreError, match="larger than"):
        import_investigation(here, _zip(tmp_path / "words.zip", {"investigation.json": b" " * 2**20}), tmp_path)


def test_another_run_than_the_words_are_about_is_refused(file: Path, here: InvestigationStore, tmp_path: Path) -> None:
    other = make_run(tmp_path / "other", per_class=2).run.path
    words = json.dumps(_content(file)).encode()
    members: dict[str | zipfile.ZipInfo, bytes] = {"investigation.json": words}
    members |= {f"run/{path.name}": path.read_bytes() for path in other.iterdir() if path.is_file()}
    with pytest.raises(StoreError, match="not the one"):
        import_investigation(here, _zip(tmp_path / "mixed.zip", members), tmp_path / "here")
    assert here.history(_content(file)["run"]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"format": "else"}, {"version": 99}, {"version": "1"}, {"run": "../x"}, {"run": None}, {"changes": None},
        {"changes": [{"number": "x"}]}, {"changes": [1]},
    ],
)  # fmt: skip
def test_what_is_no_investigation_is_said(
    file: Path, here: InvestigationStore, tmp_path: Path, change: dict[str, object]
) -> None:
    bad = _zip(tmp_path / "bad.zip", {"investigation.json": json.dumps(_content(file) | change).encode()})
    with pytest.raises(StoreError, match=r"bad\.zip"):
        import_investigation(here, bad, tmp_path / "here")


def test_values_that_could_not_be_put_cannot_be_imported(file: Path, here: InvestigationStore, tmp_path: Path) -> None:
    content = _content(file)
    content["changes"][0]["after"] = {"text": "x" * 300_000}
    bad = _zip(tmp_path / "bad.zip", {"investigation.json": json.dumps(content).encode()})
    with pytest.raises(StoreError, match="too large"):
        import_investigation(here, bad, tmp_path / "here")
    assert here.history(content["run"]) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"no zip at all", b"[1]"])
def test_what_is_no_zip_is_said(here: InvestigationStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(StoreError, match=r"x\.zip"):
        import_investigation(here, tmp_path / "x.zip", tmp_path)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("investigation.json", content)
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    with pytest.raises(StoreError, match=r"x\.zip"):
        import_investigation(here, tmp_path / "x.zip", tmp_path)
    with pytest.raises(StoreError, match="no file"):
        import_investigation(here, tmp_path / "missing.zip", tmp_path)


def test_the_command_line_hands_over(run: Run, tmp_path: Path) -> None:
    def analysis(*arguments: str) -> str:
        command = [sys.executable, "-m", "analysis", "investigation", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with InvestigationStore(f"sqlite:///{run.path.parent}/.faultline/investigations.sqlite") as store:
        store.put(run_identity(run.meta), "note", "class:1", {"text": "one"}, author="ada", expected=0)
    out = tmp_path / "leaves.zip"
    assert "1 changes" in analysis("export", str(run.path), "--out", str(out), "--with-run")
    assert "1 new change," in analysis("import", str(out), "--runs", str(tmp_path / "runs"))
    assert Run.open(tmp_path / "runs" / "a-planted-run").meta == run.meta
