"""What a finding points at, as files of the run; people can ask for any id, so an id is checked before it names one."""

from pathlib import Path

import pandas as pd

from analysis.runs import layout

_LONGEST = 60


def evidence_samples(run: Path, hypothesis_id: str) -> pd.DataFrame | None:
    """Samples a finding points at: sample_id, score, …; None where it points at none."""
    file = run / layout.EVIDENCE / f"{hypothesis_id}.parquet"
    return pd.read_parquet(file) if _is_id(hypothesis_id) and file.is_file() else None


def evidence_tables(run: Path, hypothesis_id: str) -> dict[str, pd.DataFrame]:
    """Tables behind a finding by name; empty where it has none."""
    if not _is_id(hypothesis_id):
        return {}
    files = sorted((run / layout.EVIDENCE / hypothesis_id).glob("*.parquet"))
    return {file.stem: pd.read_parquet(file) for file in files}


def _is_id(text: str) -> bool:
    return len(text) <= _LONGEST and text.replace("_", "").isalnum()
