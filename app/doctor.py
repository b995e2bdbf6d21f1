"""``python -m app.doctor``: looks at this installation and says, line by line, what is well and what to do.

Exit status 0 where people can work, 1 where something that they need is broken.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import streamlit as st

from analysis.errors import AnalysisError
from analysis.investigations.address import database_url
from analysis.investigations.database import Database
from app.access.hosts import allowed_hosts
from app.access.paths import prefix
from app.access.settings import access_settings, login_is_configured, providers
from app.logs import without_secrets
from app.queries.roots import allowed_roots, runs_root

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
_DEVICE = (
    "import json, torch; print(json.dumps({'torch': torch.__version__, 'threads': torch.get_num_threads(), "
    "'cuda': [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())], "
    "'mps': torch.backends.mps.is_available()}))"
)
_ROOMY = 2 << 30  # bytes; a run of 50,000 pictures is some hundred megabytes
_SAFE_TOKEN = 16  # characters
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Level(StrEnum):
    """How a check went."""

    WELL = "ok"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `do` says what to do, "" where nothing."""

    level: Level
    name: str
    found: str
    do: str = ""


def checks() -> Iterator[Check]:
    """Every check, in order; one that fails in an unforeseen way is reported as broken, and the rest goes on."""
    parts: tuple[Callable[[], Iterator[Check]], ...] = (
        _python,
        _packages,
        _device,
        _folders,
        _database,
        _login,
        _network,
    )
    for part in parts:
        try:
            yield from part()
        except Exception as error:  # a doctor that falls ill says so
            name = part.__name__.strip("_")
            yield Check(Level.BROKEN, name, without_secrets(f"{type(error).__name__}: {error}"), "Report this.")


def _python() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check(Level.WELL, "Python", version)  # an older one cannot even read these files


def _packages() -> Iterator[Check]:
    wrong = []
    for name, wanted in _pinned():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if found.split("+")[0] != wanted:
            wrong.append(f"{name} {found} instead of {wanted}")
    if wrong:
        yield Check(Level.BROKEN, "Packages", "; ".join(wrong), "pip install -r requirements.txt")
    else:
        yield Check(Level.WELL, "Packages", "as pinned in requirements.txt")


def _pinned() -> list[tuple[str, str]]:
    lines = REQUIREMENTS.read_text("utf-8").splitlines() if REQUIREMENTS.is_file() else []
    found = (re.match(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;#]+)", line) for line in lines)
    return [(match[1], match[2]) for match in found if match]


def _device() -> Iterator[Check]:
    asked = subprocess.run([sys.executable, "-c", _DEVICE], capture_output=True, text=True, timeout=120, check=False)
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["no message"])[-1]
        yield Check(
            Level.BROKEN, "torch", last, "pip install torch as in requirements.txt; runs cannot start without it."
        )
        return
    found = json.loads(asked.stdout.splitlines()[-1])
    devices = [*found["cuda"], *(["Apple GPU (mps)"] if found["mps"] else [])]
    where = ", ".join(devices) or f"CPU, {found['threads']} threads (no GPU was found)"
    yield Check(Level.WELL, "Device", f"torch {found['torch']} on {where}")


def _folders() -> Iterator[Check]:
    root = runs_root()
    folder = next(part for part in (root, *root.parents) if part.is_dir())
    free = shutil.disk_usage(folder).free
    try:
        with tempfile.TemporaryFile(dir=folder):
            level, do = (Level.WELL, "") if free > _ROOMY else (Level.NOTE, "Runs need room; free some.")
            yield Check(level, "Runs folder", f"{root}, {free / (1 << 30):,.1f} GB free", do)
    except OSError as error:
        do = "Runs can be looked at; to start new ones make it writable, or set FAULTLINE_RUNS to a folder that is."
        yield Check(Level.NOTE, "Runs folder", f"{root} cannot be written: {error.strerror}", do)
    for allowed in allowed_roots():
        if allowed.is_dir() or allowed == root:  # the runs folder is made with the first run
            yield Check(Level.WELL, "Allowed folder", str(allowed))
        else:
            yield Check(Level.NOTE, "Allowed folder", f"{allowed} does not exist", "Correct FAULTLINE_ROOTS.")


def _database() -> Iterator[Check]:
    try:
        database = Database(database_url(runs_root()))
        version = database.read(lambda connection: str(connection.dialect.name), "sqlite, made by the first note")
    except AnalysisError as error:
        yield Check(Level.BROKEN, "Database", without_secrets(str(error)), "Correct FAULTLINE_DATABASE.")
    else:
        yield Check(Level.WELL, "Database", f"{database.name} ({version})")


def _login() -> Iterator[Check]:
    if not login_is_configured():
        yield Check(Level.NOTE, "Login", "none: this machine may do everything, everybody else may only look",
                    "To share, copy .streamlit/secrets.example.toml to secrets.toml and fill it in.")  # fmt: skip
        return
    try:
        settings = access_settings()
    except AnalysisError as error:
        yield Check(Level.BROKEN, "Login", str(error), "Nobody gets in until that is put right.")
        return
    others = settings.everyone_else or "turned away"
    words = f"OpenID Connect ({', '.join(providers())}); {len(settings.admins)} admins, everyone else {others}"
    if settings.admins:
        yield Check(Level.WELL, "Login", words)
    else:
        yield Check(Level.NOTE, "Login", words, "Name at least one admin in [faultline] of secrets.toml.")


def _network() -> Iterator[Check]:
    address = str(st.get_option("server.address") or "0.0.0.0")
    names = ", ".join(sorted(allowed_hosts())) or "every name"
    yield Check(Level.WELL, "Address", f"{address}:{st.get_option('server.port')}{prefix()}, answers to {names}")
    if address not in _LOOPBACK and not login_is_configured():
        yield Check(
            Level.NOTE, "Address", "open to the network without a login", "Set up the login, or stay on localhost."
        )
    if address not in _LOOPBACK and not allowed_hosts():
        yield Check(Level.NOTE, "Host names", "any", "Set FAULTLINE_HOSTS to the names people use.")
    if not st.get_option("server.enableXsrfProtection"):
        yield Check(
            Level.BROKEN, "Proxy", "server.enableXsrfProtection is off", "Leave it on: the login depends on it."
        )
    if 0 < len(os.environ.get("FAULTLINE_METRICS_TOKEN", "")) < _SAFE_TOKEN:
        yield Check(Level.NOTE, "Metrics", "the token is short", "Give FAULTLINE_METRICS_TOKEN 16 characters or more.")


def main() -> int:
    """Print the report and return the exit status."""
    marks = {Level.WELL: "✓", Level.NOTE: "!", Level.BROKEN: "✗"}
    worst = 0
    for check in checks():
        print(f"{marks[check.level]} {check.name}: {check.found}")
        if check.do:
            print(f"    → {check.do}")
        worst = max(worst, int(check.level is Level.BROKEN))
    return worst


if __name__ == "__main__":
    sys.exit(main())
