"""The accuracy in the training log is not the accuracy that these records give."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_LEAST = 0.01
_SAME = 0.002  # a log rounds to a tenth of a per cent, and pictures are decoded elsewhere
_BATCHES = (8, 16, 32, 64, 100, 128, 256, 512, 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """The logged accuracy that is nearest to ours, among the best and the last."""

    value: float
    line: int
    which: str


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Distance between the logged validation accuracy and the one recomputed here, and what else the log could mean."""
    now, repaired = view.column("correct").astype(np.bool_), view.predictions.correct
    logged = _logged(view.run.training_log, float(now.mean()))
    if logged is None:
        return Measurement(
            summary="The log has no validation accuracy.",
            denial="The log has no validation accuracy.",
            n=len(view),
            effect=Interval(value=0.0, low=0.0, high=1.0),
            p=1.0,
            abstain="the training log has no column of validation accuracy",
        )
    accuracy, fixed = float(now.mean()), float(repaired.mean())
    distance = min(abs(logged.value - accuracy), abs(logged.value - fixed))
    metrics = _other_metrics(view, now)
    meant = _meant(metrics, logged.value)
    return Measurement(
        summary=_summary(logged, accuracy, len(view), metrics, meant),
        denial=_denial(logged, accuracy, fixed),
        n=len(view),
        effect=Interval.exactly(distance),
        evidence=_evidence(view, logged, accuracy, fixed, metrics),
        tables={"metrics": _table(logged, accuracy, metrics)},
    )


def _logged(log: pd.DataFrame | None, ours: float) -> _Logged | None:
    if log is None or "val_accuracy" not in log or not np.isfinite(log["val_accuracy"]).any():
        return None
    held = log.loc[np.isfinite(log["val_accuracy"]), ["line", "val_accuracy"]]
    last, best = held.iloc[-1], held.loc[held["val_accuracy"].idxmax()]
    found = [
        _Logged(value=float(row["val_accuracy"]), line=int(row["line"]), which=which)
        for which, row in (("last", last), ("best", best))
    ]
    return min(found, key=lambda one: abs(one.value - ours))


def _other_metrics(view: View, correct: BoolArray) -> dict[str, float]:
    """What is sometimes logged as accuracy, recomputed from the records."""
    label, n = view.label, len(view)
    support = np.bincount(label, minlength=view.classes).astype(np.float64)
    recall: FloatArray = np.bincount(label, weights=correct, minlength=view.classes) / np.maximum(support, 1)
    metrics = {
        "mean recall of the classes that occur (macro)": float(recall[support > 0].mean()),
        "mean recall over all classes, those without samples counted as 0": float(recall.mean()),
        "top-5 accuracy": float((view.column("label_rank") < 5).mean()),
        "accuracy in per cent taken for a fraction": float(correct.mean()) / 100,
    }
    if view.run.is_old is not None:
        old = view.is_old[label]
        metrics |= {f"accuracy on {name} classes only": float(correct[side].mean()) for name, side in
                    (("old", old), ("new", ~old)) if side.any()}  # fmt: skip
    for batch in _BATCHES:
        if n % batch and n > batch:
            whole = correct[: n - n % batch]
            metrics[f"accuracy without the last, incomplete batch of {batch}"] = float(whole.mean())
            means = np.add.reduceat(correct.astype(np.float64), np.arange(0, n, batch)) / np.minimum(
                batch, n - np.arange(0, n, batch)
            )
            metrics[f"mean over batches of {batch}, the last one small"] = float(means.mean())
    return metrics


def _meant(metrics: dict[str, float], logged: float) -> str | None:
    """The metric that gives the logged value, if one does to a tenth of a per cent."""
    name = min(metrics, key=lambda name: abs(metrics[name] - logged))
    return name if abs(metrics[name] - logged) <= _SAME / 2 else None


def _summary(logged: _Logged, accuracy: float, n: int, metrics: dict[str, float], meant: str | None) -> str:
    text = (
        f"The training log reports {100 * logged.value:.1f} % ({logged.which} value, line {logged.line}), the records "
        f"of {n:,} samples give {100 * accuracy:.1f} %"
    )
    if meant is not None:
        return f"{text}: the log most likely reports another number, {meant} ({100 * metrics[meant]:.1f} %)."
    return (
        f"{text}, and no other usual metric gives the logged value: checkpoint, samples or preprocessing are not those "
        "of the log."
    )


def _denial(logged: _Logged, accuracy: float, fixed: float) -> str:
    text = f"The training log reports {100 * logged.value:.1f} %, the records give {100 * accuracy:.1f} %"
    if abs(logged.value - fixed) < abs(logged.value - accuracy):
        return (
            f"{text}, and {100 * fixed:.1f} % once what was found here is undone: the log was right, the fault came "
            "after it."
        )
    return f"{text}."


def _evidence(
    view: View, logged: _Logged, accuracy: float, fixed: float, metrics: dict[str, float]
) -> tuple[Evidence, ...]:
    n = len(view)
    return (
        Evidence(name=f"accuracy in the log ({logged.which} value)", value=logged.value, unit="fraction", n=n),
        Evidence(name="accuracy of the records", value=accuracy, threshold=logged.value, unit="fraction", n=n),
        Evidence(name="accuracy once what was found is undone", value=fixed, unit="fraction", n=n),
        Evidence(name="accuracy by chance", value=1 / max(1, view.classes), unit="fraction", n=view.classes),
        *(
            Evidence(name=name, value=value, unit="fraction", n=n)
            for name, value in metrics.items()
            if "batch" not in name and "per cent" not in name
        ),
    )


def _table(logged: _Logged, accuracy: float, metrics: dict[str, float]) -> pd.DataFrame:
    rows = [("accuracy", accuracy), *metrics.items()]
    table = pd.DataFrame(rows, columns=["metric", "value"])
    table["distance_to_log"] = (table["value"] - logged.value).abs()
    return table.sort_values("distance_to_log", ignore_index=True, kind="stable")


HYPOTHESIS = Hypothesis(
    id="metric_artifact",
    title="The logged metric is not the accuracy",
    chapter="indexing",
    claim="the accuracy in the training log was computed otherwise, or on other samples",
    lane=Lane.VALIDITY,
    gain_kind="none",
    stage=Stage.LATE,
    needs=("samples", "training_log"),
    measure=measure,
    min_effect=_LEAST,
    n_min=50,
    look_alikes=("val_too_small", "stochastic_inference", "preproc_normalization"),
    fix=(
        "Compute accuracy once over all samples (right answers divided by samples, no mean of batch means, no dropped "
        "last batch) and log how many there were; evaluate the file that was saved, not the model in memory."
    ),
    source="Recomputed from the records of every sample",
)
