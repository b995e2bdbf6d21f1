"""The tables behind a finding, batch by batch."""

from collections.abc import Iterator

import pyarrow as pa

from analysis.errors import RunError
from analysis.exports.tables import parquet_batches
from analysis.runs import layout
from analysis.runs.run import Run

PREFIX = "evidence/"


def evidence_batches(run: Run, what: str) -> Iterator[pa.Table]:
    """The rows of one table behind a finding; at least one batch, so that an empty table still has its columns.

    Args:
        run: The run.
        what: ``evidence/FINDING/TABLE``, such as ``evidence/logit_group_bias/sweep``; ``evidence/FINDING`` gives the
            samples that it points at.

    Raises:
        RunError: If there is no such table; says which there are, before the first batch.
    """
    finding, _, table = what.removeprefix(PREFIX).partition("/")
    if _is_plain(finding) and (not table or _is_plain(table)):
        file = run.path / layout.EVIDENCE / f"{finding}/{table}".rstrip("/")
        file = file.with_name(f"{file.name}.parquet")
        if file.is_file():
            return parquet_batches(file)
    there = evidence_names(run)
    named = ", ".join(name for name in there if name.startswith(f"{PREFIX}{finding}/")) or ", ".join(there)
    raise RunError(f"There is no table {what[:120]!r} in this run; there are {named or 'none'}.")


def evidence_names(run: Run) -> list[str]:
    """What can be asked for, in alphabetical order."""
    root = run.path / layout.EVIDENCE
    found = sorted(file.relative_to(root).with_suffix("") for file in root.glob("**/*.parquet"))
    return [f"{PREFIX}{name.as_posix()}" for name in found]


def _is_plain(name: str) -> bool:
    return name.replace("_", "").isalnum()
