"""Looking at an investigation before it starts: ``python -m analysis inspect`` in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from app import people
from app.queries import jobs

SECONDS = 180


def save(toml: str, name: str) -> Path:
    """Keep an investigation file beside the job store."""
    people.must_edit("start an investigation")
    folder = jobs.store().folder / "investigations"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.toml"
    file.write_text(toml, "utf-8")
    return file


def inspect(file: Path) -> dict[str, Any]:
    """What ``inspect --json`` says of an investigation file.

    Raises:
        AnalysisError: If it says nothing that can be read; the message is what it wrote to stderr.
    """
    people.must_edit("look at files of the server")
    command = [sys.executable, "-m", "analysis", "inspect", str(file), "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise AnalysisError(
            f"Looking at these files took longer than {SECONDS} seconds and was stopped. Are they on a slow disk? The "
            f"same look on the command line has no limit: python -m analysis inspect {file}"
        ) from None
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise AnalysisError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "The look found nothing.")
    return found
