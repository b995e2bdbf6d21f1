"""Which samples the checklist points at."""

import numpy as np
import streamlit as st

from analysis.arrays import AnyArray, IntArray
from app.queries import runs
from app.queries.runs import RunKey


@st.cache_resource(max_entries=8, show_spinner=False)
def flags(key: RunKey) -> dict[str, tuple[IntArray, AnyArray | None]]:
    """Per finding that points at samples: their ids, ascending, and its scores where it gives any."""
    found = {}
    for finding in (runs.findings(key) or {}).get("findings", []):
        evidence = runs.evidence(key, str(finding.get("id", "")))
        if evidence is not None and "sample_id" in evidence and len(evidence):
            kept = evidence[evidence["sample_id"].between(0, runs.size(key) - 1)].sort_values("sample_id")
            score = kept["score"].to_numpy() if "score" in kept else None
            found[str(finding["id"])] = (kept["sample_id"].to_numpy(dtype=np.int64), score)
    return found
