"""The whole order of a run: stopped anywhere it goes on to the same result, and the demo tells what was planted."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from analysis import run_meta
from analysis.demo.story import DESCRIPTION
from analysis.errors import InterruptedRunError, RunError, SpecError
from analysis.pipeline import run_demo, run_investigation
from analysis.runs import layout
from analysis.runs.run import Run
from analysis.spec.investigation import load_investigation
from tests.tiny import tiny_investigation

LASTING = (
    layout.SAMPLES,
    layout.CLASSES,
    layout.CONFUSIONS,
    layout.EMBEDDINGS,
    layout.NEIGHBOURS,
    layout.PROBLEMS,
    layout.TRUSTWORTHINESS,
)


def _findings(path):
    findings = json.loads((path / layout.FINDINGS).read_text())
    for finding in findings["findings"]:
        del finding["seconds"]
    return findings


def _same(first, second):
    return _findings(first) == _findings(second) and all(
        (first / name).read_bytes() == (second / name).read_bytes() for name in LASTING
    )


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    toml = tiny_investigation(tmp_path_factory.mktemp("tiny"), per_class=60, order=(1, 0, 2))
    toml.write_text(toml.read_text() + "batch_size = 4\n")
    return load_investigation(toml)


@pytest.fixture(scope="module")
def whole(spec, tmp_path_factory):
    return run_investigation(spec, tmp_path_factory.mktemp("whole") / "run").path


@pytest.mark.parametrize("stage", ["inference", "neighbours", "diagnosis", "projection", "clusters"])
def test_a_run_stopped_in_any_stage_goes_on_to_the_same_result(stage, spec, whole, tmp_path):
    out = tmp_path / "run"

    def stop(at, done, total):
        if at == stage and done >= total / 2:
            raise KeyboardInterrupt

    with pytest.raises((KeyboardInterrupt, InterruptedRunError)):
        run_investigation(spec, out, progress=stop)
    assert json.loads((out / layout.PROGRESS).read_text())["state"] == "interrupted"
    with pytest.raises(RunError, match="--resume"):
        run_investigation(spec, out)

    run_investigation(spec, out, resume=True)

    assert json.loads((out / layout.PROGRESS).read_text())["state"] == "done"
    assert _same(out, whole)


def test_a_killed_process_leaves_a_run_that_resumes_to_the_same_result(spec, whole, tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "analysis", "run", str(spec.source), "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list((out / layout.SHARDS).glob("shard-*.npz")) and not (out / layout.SAMPLES).exists():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / layout.META).exists() or json.loads((out / layout.META).read_text())["state"] == "running"

    run_investigation(spec, out, resume=True)

    assert _same(out, whole)


@pytest.mark.parametrize("workers", [0, 2])
def test_ctrl_c_on_the_command_line_is_exit_status_3(tmp_path, workers):
    """A terminal sends it to every process there, those that decode included."""
    toml = tiny_investigation(tmp_path / "data", per_class=60)
    toml.write_text(toml.read_text() + f"batch_size = 1\nworkers = {workers}\n")
    out = tmp_path / "run"
    command = [sys.executable, "-m", "analysis", "run", str(toml), "--out", str(out)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list((out / layout.SHARDS).glob("shard-*.npz")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 3, err
    assert "--resume" in err
    assert "Traceback" not in err


def test_what_was_asked_differently_is_not_resumed(spec, tmp_path):
    toml = tiny_investigation(tmp_path / "data", per_class=4)
    out = run_investigation(load_investigation(toml), tmp_path / "run").path
    toml.write_text(toml.read_text().replace("input_size = 16", "input_size = 8"))

    with pytest.raises(RunError, match="preprocessing"):
        run_investigation(load_investigation(toml), out, resume=True)


def test_stages_can_be_skipped_but_not_invented(spec, tmp_path):
    run = run_investigation(spec, tmp_path / "run", skip=frozenset({"projection"}))

    assert len(run.clusters) == 0
    assert run.findings["leading"] == "index_map_scrambled"
    with pytest.raises(SpecError, match="clusters, confirmation, duplicates, projection, reruns"):
        run_investigation(spec, tmp_path / "other", skip=frozenset({"thinking"}))


def test_a_package_without_a_version_costs_no_run(tmp_path, monkeypatch):
    """From a copied folder, nothing says which version of Faultline that is."""
    known = run_meta.version

    def unknown(package):
        return known("no-such-package" if package == "faultline" else package)

    monkeypatch.setattr(run_meta, "version", unknown)
    spec = load_investigation(tiny_investigation(tmp_path / "data", per_class=4))
    run_investigation(spec, tmp_path / "run", skip=frozenset({"projection"}))
    packages = Run.open(tmp_path / "run").meta["environment"]["packages"]
    assert packages["faultline"] is None
    assert packages["torch"] == known("torch")


def test_bad_input_leaves_nothing_behind(spec, tmp_path):
    toml = tiny_investigation(tmp_path / "data", per_class=1)
    (tmp_path / "data" / "model.pth").write_bytes(b"")

    with pytest.raises(Exception, match=r"model\.pth"):
        run_investigation(load_investigation(toml), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return run_demo(tmp_path_factory.mktemp("demo") / "run", healthy=False, resume=False)


def test_every_planted_fault_of_the_demo_is_supported_and_nothing_else(demo):
    planted = json.loads((demo.path / layout.DEMO / DESCRIPTION).read_text())
    supported = [finding["id"] for finding in demo.findings["findings"] if finding["verdict"] == "supported"]

    assert sorted(supported) == sorted(planted["expected"])
    assert demo.findings["leading"] == "index_map_scrambled"
    assert supported[:2] == ["index_map_scrambled", "logit_group_bias"]


def test_the_demos_evidence_points_at_what_was_planted(demo):
    planted = json.loads((demo.path / layout.DEMO / DESCRIPTION).read_text())
    files = demo.column("filepath")
    listed = {str(files[i]).rsplit("/", 1)[-1] for i in demo.evidence("label_errors")["sample_id"]}
    flipped = set(planted["true_names"])
    inverted = set(planted["inverted_scans"])
    groups = demo.clusters[demo.clusters["excess_low"] > 0]["cluster"]
    failing = {str(name).rsplit("/", 1)[-1] for name in files[[c in set(groups) for c in demo.column("cluster")]]}

    assert len(listed & flipped) / len(listed) > 0.7
    assert len(listed & flipped) / len(flipped - inverted) > 0.7
    assert len(failing & inverted) / len(failing) > 0.8
    assert len(failing & inverted) / len(inverted) > 0.8


def test_the_healthy_demo_is_silent(tmp_path):
    run = run_demo(tmp_path / "run", healthy=True, resume=False)

    assert run.findings["leading"] == "no_fault"
    assert not [finding["id"] for finding in run.findings["findings"] if finding["verdict"] == "supported"]


def test_the_demo_is_deterministic(demo, tmp_path):
    again = run_demo(tmp_path / "run", healthy=False, resume=False)

    assert _same(again.path, demo.path)
    assert Run.open(again.path).meta["class_names"] == demo.meta["class_names"]
