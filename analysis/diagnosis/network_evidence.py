"""What re-runs tell of the network itself, in the form the hypotheses about it use."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.diagnosis.hypothesis import Evidence
from analysis.diagnosis.view import View
from analysis.runs.run import Run

_LEARNT = ("weight", "bias", "norm_weight", "norm_bias")
NOISE = 1e-3  # of std(z); see the probes


def probes_of(view: View) -> Mapping[str, Any]:
    """What repeating a few pictures showed; empty where it was not done."""
    return {} if view.run.reruns is None else view.run.reruns.probes


def number(probes: Mapping[str, Any], name: str) -> float | None:
    """One number of the probes, or None where it was not measured."""
    value = probes.get(name)
    return None if value is None else float(value)


def evidence_of(probes: Mapping[str, Any], name: str, words: str, unit: str, threshold: float) -> tuple[Evidence, ...]:
    """A probe against its threshold; nothing where it was not measured."""
    value = number(probes, name)
    if value is None:
        return ()
    return (Evidence(name=words, value=value, unit=unit, n=int(probes.get("pictures") or 0), threshold=threshold),)


def layers_of(view: View) -> pd.DataFrame:
    """One row a BatchNorm layer; empty where there is none or nothing was looked at."""
    found = None if view.run.reruns is None else view.run.reruns.batch_norm
    return pd.DataFrame() if found is None else found


def changed_before(view: View, *axes: str) -> bool:
    """True where the predictions already come from a variant of one of these axes, or stand on one."""
    reruns = view.run.reruns
    source = view.predictions.source
    if reruns is None or not source:
        return False
    table = reruns.table.set_index("variant")
    while source:
        if str(table.loc[source, "axis"]) in axes:
            return True
        source = str(table.loc[source, "base"])
    return False


def was_asked(view: View, axis: str) -> bool:
    """True where every picture was asked under a variant of this axis, so that what it gains is known."""
    reruns = view.run.reruns
    if reruns is None:
        return False
    table = reruns.of(axis, view.predictions.source)
    return bool(len(table) and table["is_full"].astype(bool).any())


def nothing_learnt_moved(run: Run) -> bool:
    """True where every learnt tensor of the backbone is the baseline's: training cannot have spoilt its features."""
    weights = run.weights
    if weights is None or "status" not in weights:
        return False
    learnt = weights[~weights["is_head"].astype(bool) & weights["kind"].isin(_LEARNT) & weights["status"].notna()]
    return bool(len(learnt) and (learnt["status"] == "identical").all())


def checkpoint_name(run: Run, section: str = "model") -> str:
    """File name of the checkpoint, for code that a person can use."""
    given = ((run.meta.get("spec") or {}).get(section) or {}).get("checkpoint")
    return Path(str(given)).name if given else "model.pth" if section == "model" else "old.pth"


def new_name(run: Run, word: str) -> str:
    """A name for the repaired checkpoint."""
    path = Path(checkpoint_name(run))
    return f"{path.stem}_{word}{path.suffix or '.pth'}"
