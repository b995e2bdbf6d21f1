"""The command line as a script sees it: exit statuses, stdout for results, one readable message on stderr."""

import json
import re
import subprocess
import sys

import pytest

from analysis import __main__ as command_line
from analysis.runs.run import Run
from tests.devices import DEVICE
from tests.tiny import tiny_investigation


@pytest.fixture
def faultline(monkeypatch, capsys):
    """Run the command line in this process; return exit status, stdout and stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["analysis", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run written by a real process."""
    folder = tmp_path_factory.mktemp("tiny")
    toml = tiny_investigation(folder, order=(1, 0, 2), per_class=60)
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "run", toml, "--out", folder / "run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Three colours" in done.stdout
    return folder / "run"


def test_run_writes_everything_the_contract_names(finished):
    run = Run.open(finished)

    assert run.meta["state"] == "done"
    assert set(run.meta["timings"]) >= {"inference", "embedding", "reports", "diagnosis"}
    assert run.meta["peak_rss_mb"] > 50
    assert len(run) == 180
    assert run.embeddings.shape == (180, 3)
    assert run.findings["accuracy"]["overall"] == pytest.approx(1 / 3, abs=0.05)
    assert {"classes.parquet", "confusions.parquet", "clusters.parquet", "problems.parquet"} <= {
        entry.name for entry in finished.iterdir()
    }


def test_the_planted_scramble_leads(finished, faultline):
    status, out, _ = faultline("findings", finished, "--json")

    assert status == 0
    assert json.loads(out)["leading"] == "index_map_scrambled"


def test_check_gates(finished, faultline):
    assert faultline("check", finished, "--fail-on", "index_map_scrambled")[0] == 1
    assert faultline("check", finished, "--fail-on", "head_size_mismatch")[0] == 0
    assert faultline("check", finished, "--fail-if", "accuracy < 0.9")[0] == 1
    assert faultline("check", finished, "--fail-if", "accuracy < 0.1")[0] == 0
    status, _, err = faultline("check", finished)
    assert (status, "--fail-on" in err) == (2, True)


def test_export_writes_csv(finished, faultline, tmp_path):
    assert faultline("export", finished, "classes", "--out", tmp_path / "classes.csv")[0] == 0
    assert (tmp_path / "classes.csv").read_text().splitlines()[1].startswith('0,"blue","old",60')
    status, _, err = faultline("export", finished, "moods", "--out", tmp_path / "x.csv")
    assert status == 2
    assert "classes" in err


def test_a_second_run_in_the_same_folder_is_refused(finished, faultline):
    status, _, err = faultline("run", finished.parent / "investigation.toml", "--out", finished)

    assert status == 2
    assert "not empty" in err
    assert "--resume" in err


def test_resuming_a_finished_run_changes_nothing(finished, faultline):
    before = (finished / "samples.parquet").read_bytes()

    status, _, _ = faultline("run", finished.parent / "investigation.toml", "--out", finished, "--resume")

    assert status == 0
    assert (finished / "samples.parquet").read_bytes() == before


def test_inspect_in_text_and_json(finished, faultline):
    toml = finished.parent / "investigation.toml"
    status, out, _ = faultline("inspect", toml)
    assert status == 0
    assert "3" in out
    status, out, _ = faultline("inspect", toml, "--json")
    assert status == 0
    assert isinstance(json.loads(out), dict)


BAD = {
    "missing toml": (None, "does not exist|no file|missing|not found"),
    "unknown key": ((f'device = "{DEVICE}"', f'device = "{DEVICE}"\nspeed = 3'), "speed"),
    "wrong type": (("input_size = 16", 'input_size = "big"'), "input_size"),
    "missing checkpoint": (('"model.pth"', '"gone.pth"'), r"gone\.pth"),
    "a folder as checkpoint": (('"model.pth"', '"val"'), "folder|directory"),
    "a text file as checkpoint": (('"model.pth"', '"network.py"'), r"network\.py"),
    "unknown network": (('"network.py:colours"', '"timm/resnet5o"'), "resnet50"),
    "missing function": (('"network.py:colours"', '"network.py:shapes"'), "shapes"),
    "missing data": (('validation = "val"', 'validation = "nowhere"'), "nowhere"),
    "no old file": (('"old.txt"', '"elders.txt"'), r"elders\.txt"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_message_and_exit_status_2(case, tmp_path, faultline):
    toml = tiny_investigation(tmp_path, per_class=1)
    change, expected = BAD[case]
    if change is None:
        toml = tmp_path / "none.toml"
    else:
        assert change[0] in toml.read_text()
        toml.write_text(toml.read_text().replace(*change))

    status, out, err = faultline("run", toml, "--out", tmp_path / "run")

    assert status == 2
    assert out == ""
    assert "Traceback" not in err
    assert re.search(expected, err), err
    assert not (tmp_path / "run").exists()


def test_unknown_commands_and_stages_are_bad_input(tmp_path, faultline):
    assert faultline("divine")[0] == 2
    toml = tiny_investigation(tmp_path, per_class=1)
    status, _, err = faultline("run", toml, "--out", tmp_path / "run", "--skip", "thinking")
    assert status == 2
    assert "projection" in err


def test_one_sample_and_one_class_still_give_a_run(tmp_path, faultline):
    toml = tiny_investigation(tmp_path, per_class=1)
    for name in ("green", "red"):
        (tmp_path / "val" / name / "000.png").unlink()
        (tmp_path / "val" / name).rmdir()

    status, out, err = faultline("run", toml, "--out", tmp_path / "run")

    assert status == 0, err
    assert Run.open(tmp_path / "run").findings["leading"] == "no_fault"
    assert "Accuracy: overall 100.0% of 1" in out
