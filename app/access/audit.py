"""Who did what, one JSON line each, below the runs root: ``.faultline/audit.jsonl``; lines are added, never changed."""

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from analysis.jobs.store import FOLDER
from app.queries.roots import runs_root

FILE = "audit.jsonl"
_LOGGER = logging.getLogger("faultline.audit")
_LONGEST = 500


def audit_file() -> Path:
    """Where the lines stand."""
    return runs_root() / FOLDER / FILE


def record(action: str, *, by: str, **facts: str | int | None) -> None:
    """Write a line down.

    What people do goes on where it cannot be written (a full or read-only disk); the server's log then says so.

    Args:
        action: What was done, as "started a job".
        by: Who did it.
        facts: What it was done to; long texts are cut.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"at": now, "by": by[:_LONGEST], "action": action}
    line |= {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in facts.items()}
    text = json.dumps(line, ensure_ascii=True, separators=(",", ":"))
    try:
        file = audit_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        # One write to a file opened for appending: lines of several processes do not mix.
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"{text}\n".encode())
        finally:
            os.close(handle)
    except OSError as error:
        _LOGGER.error("the audit log cannot be written (%s): %s", error.strerror, text)


def lines(limit: int = 1000) -> Iterator[dict[str, object]]:
    """The newest lines, newest first; torn lines are left out."""
    try:
        written = audit_file().read_text("utf-8").splitlines()
    except OSError:
        return
    for text in reversed(written[-limit:]):
        try:
            yield json.loads(text)
        except ValueError:
            continue
