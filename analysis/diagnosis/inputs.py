"""What a hypothesis can need, in words, and how a run shows that it is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.runs.run import Run


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of input."""

    name: str  # completes "needs …"
    is_there: Callable[[Run], bool]


def _has_column(run: Run, name: str) -> bool:
    return name in run.columns


def _spec(run: Run, section: str) -> Mapping[str, Any]:
    return (run.meta.get("spec") or {}).get(section) or {}


INPUTS: dict[str, Input] = {
    "split": Input("an old class list", lambda run: run.is_old is not None),
    "embeddings": Input("embeddings", lambda run: run.embeddings is not None),
    "head": Input("the classification head's weights", lambda run: run.head is not None),
    "neighbours": Input("the neighbour graph of the embeddings", lambda run: run.neighbours is not None),
    "clusters": Input(
        "clusters of the embeddings",
        lambda run: _has_column(run, "cluster") and bool((run.column("cluster") >= 0).any()),
    ),
    "pictures": Input("the pictures' sizes and contrast", lambda run: _has_column(run, "pixel_std")),
    "metadata": Input("columns of metadata in the manifest", lambda run: bool(run.metadata_columns)),
    "train": Input("the training set's manifest", lambda run: bool(_spec(run, "data").get("train"))),
    "baseline": Input("the checkpoint from before the expansion", lambda run: bool(_spec(run, "baseline"))),
    "training_log": Input("a training log", lambda run: bool(_spec(run, "training").get("log"))),
    "samples": Input("labelled validation samples", lambda run: len(run) > 0),
}


def missing(needs: tuple[str, ...], run: Run) -> tuple[str, ...]:
    """Names of the needed inputs that the run does not have."""
    return tuple(INPUTS[code].name for code in needs if not INPUTS[code].is_there(run))
