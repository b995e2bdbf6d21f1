"""One sample: everything its drawer shows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.queries import filters, runs, slices
from app.queries.class_search import class_name, group_of
from app.queries.examples import has_repaired
from app.queries.flags import flags
from app.queries.runs import RunKey

CANDIDATES = 10
_SHOWN = (
    "filepath", "label", "label_index", "prediction_index", "correct", "confidence", "loss", "margin", "entropy",
    "label_rank", "label_quality", "cluster", "prediction_repaired_index",
)  # fmt: skip
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

    known, metadata = runs.columns(key), runs.metadata_columns(key)
    row = runs.row(key, sample_id, [name for name in (*_SHOWN, *metadata) if name in known])

    def number(name: str) -> float:
        value = row.get(name)
        return float("nan") if value is None else float(value)

    def whole(name: str) -> int:
        value = row.get(name)
        return -1 if value is None else int(value)

    label, prediction = whole("label_index"), whole("prediction_index")
    return Sample(
        sample_id=sample_id,
        filepath=str(row["filepath"]),
        label=str(row["label"]),
        label_index=label,
        label_group=group_of(key, label),
        prediction=class_name(key, prediction),
        prediction_index=prediction,
        prediction_group=group_of(key, prediction),
        correct=bool(row["correct"]),
        confidence=number("confidence"),
        loss=number("loss"),
        margin=number("margin"),
        entropy=number("entropy"),
        label_rank=whole("label_rank"),
        label_quality=number("label_quality"),
        cluster=whole("cluster"),
        prediction_repaired_index=whole("prediction_repaired_index") if has_repaired(key) else None,
        metadata={name: str(row[name]) for name in metadata if name in row},
    )


def candidates(key: RunKey, sample_id: int) -> pd.DataFrame:
    """The largest logits of one sample: the first ten, the best of a group missing there, and the label's own.

    Returns:
        Rows from the largest logit down: `class_index`, `name`, `group`, `logit`, `probability` (softmax, 0..1),
        `is_label`.
    """
    row = runs.row(key, sample_id, ("topk_index", "topk_logit", "label_index", "label_logit", "logsumexp"))
    label, own, total = (
        float("nan") if row[name] is None else row[name] for name in ("label_index", "label_logit", "logsumexp")
    )
    stored = pd.DataFrame({"class_index": row["topk_index"] or [], "logit": row["topk_logit"] or []}, dtype=float)
    if label not in set(stored["class_index"]):
        stored.loc[len(stored)] = [label, own]
    stored["class_index"] = stored["class_index"].astype(int)
    stored["group"] = [group_of(key, i) for i in stored["class_index"]]
    stored["is_label"] = stored["class_index"] == label
    best_of_group = ~stored["group"].duplicated()
    shown = stored[(stored.index < CANDIDATES) | best_of_group | stored["is_label"]].dropna(subset="logit").copy()
    shown["name"] = [class_name(key, i) for i in shown["class_index"]]
    shown["probability"] = np.exp(shown["logit"] - total)
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


def slices_of(key: RunKey, sample_id: int) -> list[str]:
    """The failing slices of the checklist that hold a sample, as expressions."""
    masks = [(text, filters.answer(key, text).mask) for text in slices.failing(key)]
    return [text for text, mask in masks if mask is not None and mask[sample_id]]
