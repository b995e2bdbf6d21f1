"""What a hypothesis can need, in words, how a run shows that it is there, and how a person adds it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.runs.run import Run


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of input."""

    name: str  # completes "needs …"
    is_there: Callable[[Run], bool]
    how_to_add: str  # a sentence


def _has_column(run: Run, name: str) -> bool:
    return run.has_samples and name in run.columns


def _spec(run: Run, section: str) -> Mapping[str, Any]:
    return (run.meta.get("spec") or {}).get(section) or {}


def _has_baseline_predictions(run: Run) -> bool:
    return run.baseline is not None and len(run.baseline_rows) > 0


def _has_both_embeddings(run: Run) -> bool:
    return _has_baseline_predictions(run) and run.baseline is not None and run.baseline.embeddings is not None


_LINEAR = "Use a state dict with its architecture, so that the layer before the head can be read."
_FILE = "investigation.toml"

INPUTS: dict[str, Input] = {
    "samples": Input(
        "labelled validation samples",
        lambda run: run.has_samples and len(run) > 0,
        f"Give `validation` in [data] of {_FILE} and start the run.",
    ),
    "split": Input(
        "an old class list",
        lambda run: run.is_old is not None,
        f"Give the classes known before as `old` in [classes] of {_FILE}.",
    ),
    "embeddings": Input("embeddings", lambda run: run.embeddings is not None, _LINEAR),
    "head": Input("the classification head's weights", lambda run: run.head is not None, _LINEAR),
    "neighbours": Input("the neighbour graph of the embeddings", lambda run: run.neighbours is not None, _LINEAR),
    "clusters": Input(
        "clusters of the embeddings",
        lambda run: _has_column(run, "cluster") and bool((run.column("cluster") >= 0).any()),
        "Run again without `--skip clusters`; at least 50 samples are needed.",
    ),
    "pictures": Input(
        "the pictures' sizes and contrast", lambda run: _has_column(run, "pixel_std"), "Run the investigation again."
    ),
    "metadata": Input(
        "columns of metadata in the manifest",
        lambda run: bool(run.metadata_columns),
        "Add columns such as source, camera or date to the validation manifest.",
    ),
    "train": Input(
        "the training set's manifest",
        lambda run: bool(_spec(run, "data").get("train")),
        f"Give `train` in [data] of {_FILE}.",
    ),
    "train_counts": Input(
        "the number of training images of each class",
        lambda run: "train_count" in run.classes and bool((run.classes["train_count"].fillna(0) > 0).any()),
        f"Give `train` in [data] of {_FILE}: a manifest is enough, its pictures are not opened.",
    ),
    "train_pictures": Input(
        "the training set's pictures on this machine",
        lambda run: run.leaks is not None,
        f"Give `train` in [data] of {_FILE} where its pictures can be read.",
    ),
    "duplicates": Input(
        "the search for duplicates", lambda run: run.duplicates is not None, "Run again without `--skip duplicates`."
    ),
    "weights": Input(
        "the network's tensors", lambda run: run.weights is not None, "Run the investigation again with this version."
    ),
    "baseline": Input(
        "the checkpoint from before the expansion",
        lambda run: run.baseline is not None,
        f"Give `checkpoint` in [baseline] of {_FILE}.",
    ),
    "baseline_head": Input(
        "the old model's classification head",
        lambda run: run.baseline is not None and run.baseline.head is not None and run.head is not None,
        f"Give `checkpoint` and `classes` in [baseline] of {_FILE}, as a state dict with its architecture.",
    ),
    "baseline_predictions": Input(
        "the old model's answers to the same pictures",
        _has_baseline_predictions,
        f"Give `checkpoint` in [baseline] of {_FILE}; its class list must have names that the validation set has.",
    ),
    "baseline_embeddings": Input(
        "the old model's embeddings of the same pictures",
        _has_both_embeddings,
        f"Give `checkpoint` in [baseline] of {_FILE} as a state dict with its architecture.",
    ),
    "reruns": Input(
        "pictures sent through the network again",
        lambda run: run.reruns is not None,
        "Run again without `--skip reruns`, where checkpoint and pictures are.",
    ),
    "weight_sets": Input(
        "a second set of weights in the checkpoint",
        lambda run: len((run.meta.get("model") or {}).get("weight_sets") or ()) > 1,
        "Give a training checkpoint that holds the plain and the averaged weights, such as `model` and `model_ema`.",
    ),
    "training_log": Input(
        "a training log", lambda run: run.training_log is not None, f"Give `log` in [training] of {_FILE}."
    ),
}


def missing(needs: tuple[str, ...], run: Run) -> tuple[Input, ...]:
    """The needed inputs that the run does not have; of "one|another" the first is named where both are missing."""
    lacking = []
    for code in needs:
        inputs = [INPUTS[option] for option in code.split("|")]
        if not any(one.is_there(run) for one in inputs):
            lacking.append(inputs[0])
    return tuple(lacking)


DATA_FREE = frozenset({"split", "head", "weights", "baseline", "baseline_head"})


def is_data_free(needs: tuple[str, ...]) -> bool:
    """Can this be judged from weights and class lists alone?"""
    return all(DATA_FREE & set(code.split("|")) for code in needs)
