"""One sample: everything its drawer shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from app.queries import runs
from app.queries.class_search import class_name, group_of
from app.queries.examples import has_repaired
from app.queries.flags import flags
from app.queries.runs import RunKey

CANDIDATES = 10
NEIGHBOURS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One row of ``samples.parquet`` with its names; losses and entropies in nats."""

    sample_id: int
    filepath: str
    label: str
    label_index: int
    label_group: str
    prediction: str
    prediction_index: int
    prediction_group: str
    correct: bool
    confidence: float
    loss: float
    margin: float
    entropy: float
    label_rank: int
    label_quality: float
    cluster: int
    prediction_repaired_index: int | None
    metadata: dict[str, str]


def sample(key: RunKey, sample_id: int) -> Sample | None:
    """What is known of one sample; None where the run has no such id."""
    if not 0 <= sample_id < runs.size(key):
        return None

    def value(name: str) -> Any:
        return runs.column(key, name)[sample_id].item() if name in runs.columns(key) else float("nan")

    label, prediction = int(value("label_index")), int(value("prediction_index"))
    return Sample(
        sample_id=sample_id,
        filepath=str(runs.column(key, "filepath")[sample_id]),
        label=str(runs.column(key, "label")[sample_id]),
        label_index=label,
        label_group=group_of(key, label),
        prediction=class_name(key, prediction),
        prediction_index=prediction,
        prediction_group=group_of(key, prediction),
        correct=bool(value("correct")),
        confidence=float(value("confidence")),
        loss=float(value("loss")),
        margin=float(value("margin")),
        entropy=float(value("entropy")),
        label_rank=int(value("label_rank")),
        label_quality=float(value("label_quality")),
        cluster=int(value("cluster")) if "cluster" in runs.columns(key) else -1,
        prediction_repaired_index=int(value("prediction_repaired_index")) if has_repaired(key) else None,
        metadata={name: str(runs.column(key, name)[sample_id]) for name in runs.metadata_columns(key)},
    )


def candidates(key: RunKey, sample_id: int) -> pd.DataFrame:
    """The largest logits of one sample: the first ten, the best of a group missing there, and the label's own.

    Returns:
        Rows from the largest logit down: `class_index`, `name`, `group`, `logit`, `probability` (softmax, 0..1),
        `is_label`.
    """
    index, logit = runs.topk(key)
    stored = pd.DataFrame({"class_index": index[sample_id], "logit": logit[sample_id]})
    stored = stored[stored["class_index"] >= 0].reset_index(drop=True)
    label = int(runs.column(key, "label_index")[sample_id])
    if label not in set(stored["class_index"]):
        own = float(runs.column(key, "label_logit")[sample_id])
        stored.loc[len(stored)] = [label, own]
    stored["class_index"] = stored["class_index"].astype(int)
    stored["group"] = [group_of(key, i) for i in stored["class_index"]]
    stored["is_label"] = stored["class_index"] == label
    best_of_group = ~stored["group"].duplicated()
    shown = stored[(stored.index < CANDIDATES) | best_of_group | stored["is_label"]].dropna(subset="logit").copy()
    shown["name"] = [class_name(key, i) for i in shown["class_index"]]
    shown["probability"] = np.exp(shown["logit"] - float(runs.column(key, "logsumexp")[sample_id]))
    return shown.sort_values("logit", ascending=False, kind="stable")


def near(key: RunKey, sample_id: int) -> pd.DataFrame | None:
    """The nearest in embedding space, nearest first: `sample_id`, `similarity` (cosine); None without a graph."""
    graph = runs.neighbours(key)
    if graph is None:
        return None
    index, similarity = graph
    frame = pd.DataFrame({"sample_id": index[sample_id], "similarity": similarity[sample_id]})
    return frame[frame["sample_id"] >= 0].head(NEIGHBOURS)


def reasons(key: RunKey, sample_id: int) -> list[tuple[str, str, float | None]]:
    """Findings that point at this sample: id, title, score where there is one."""
    titles = {finding["id"]: str(finding["title"]) for finding in (runs.findings(key) or {}).get("findings", [])}
    found = []
    for finding, (ids, score) in flags(key).items():
        at = int(np.searchsorted(ids, sample_id))
        if at < len(ids) and ids[at] == sample_id:
            found.append((finding, titles[finding], None if score is None else float(score[at])))
    return found
