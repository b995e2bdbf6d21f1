"""What the doctor finds on this machine, and on one that is ill."""

import subprocess
import sys
from pathlib import Path

import pytest

from app import doctor
from app.doctor import Check, Level


def _found(name: str) -> list[Check]:
    return [check for check in doctor.checks() if check.name == name]


def test_this_machine_is_well(shell_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main() == 0
    said = capsys.readouterr().out
    assert "✓ Packages: as pinned" in said
    assert "✓ Device: torch" in said
    assert str(shell_root) in said


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# comment\ntorch==0.0.1\nno-such-package[auth]==1.0\n-e .\n")
    monkeypatch.setattr(doctor, "REQUIREMENTS", file)
    (found,) = doctor._packages()
    assert found.level is Level.BROKEN
    assert "instead of 0.0.1" in found.found
    assert "no-such-package is missing" in found.found


def test_a_check_that_fails_is_reported_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def ill() -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(doctor, "_python", ill)
    found = list(doctor.checks())
    assert found[0].level is Level.BROKEN
    assert "hunter2" not in found[0].found
    assert len(found) > 3


def test_it_runs_as_a_module_without_loading_torch_itself() -> None:
    code = "import sys, app.doctor; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
