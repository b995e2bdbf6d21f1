"""Validation pictures are in the training set, so accuracy on them says what was remembered, not what was learnt."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Z95, Interval
from analysis.diagnosis.view import View

_LEAST = 0.01
_SHOWN = 30  # leaked samples from which on their accuracy is compared


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """Accuracy on the pictures that are not in the training set, and how much better the leaked ones are."""

    clean: Interval  # classes weighted as in the whole set
    gap: Interval | None  # leaked − clean within classes; None where no class has both


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of validation samples (fraction) that are in the training set; an exact count.

    What it does to accuracy is told beside it: on the clean samples, with the classes weighted as in the whole set.
    """
    del outcome
    leaks = _leaks(view)
    n, leaked = len(view), np.zeros(len(view), dtype=np.bool_)
    leaked[np.searchsorted(view.rows, leaks["sample_id"].to_numpy())] = True
    count, share = int(leaked.sum()), float(leaked.mean()) if n else 0.0
    exact, relabelled = int((leaks["kind"] == "exact").sum()), _relabelled(view, leaks)
    compared = compare(view.predictions.correct, view.label, leaked)
    return Measurement(
        summary=_summary(view, count, exact, compared),
        denial=_denial(view, count),
        n=n,
        effect=Interval.exactly(share),
        evidence=(
            Evidence(name="samples that are in the training set", value=share, threshold=_LEAST, unit="fraction", n=n),
            Evidence(name="of these, byte for byte", value=float(exact), unit="count", n=count),
            Evidence(name="of these, with another label there", value=float(relabelled), unit="count", n=count),
            Evidence(name="accuracy on all samples", value=_mean(view.predictions.correct), unit="fraction", n=n),
            Evidence(
                name="accuracy on clean samples, same mix of classes",
                value=compared.clean.value,
                unit="fraction",
                n=n - count,
            ),
            *_gap_evidence(compared.gap, count),
        ),
        table=_table(leaks),
        snippet=_SNIPPET if count else None,
    )


def compare(correct: BoolArray, label: IntArray, leaked: BoolArray) -> _Compared:
    """Accuracy of clean samples, and the difference that leaking makes within a class.

    Args:
        correct: (n,).
        label: (n,) class.
        leaked: (n,).

    Source:
        Mantel and Haenszel 1959, risk difference; its variance as in Greenland and Robins 1985.
    """
    classes = int(label.max(initial=0)) + 1
    size = np.bincount(label, minlength=classes).astype(np.float64)
    hit, n1 = _per_class(correct & leaked, label, classes), _per_class(leaked, label, classes)
    right, n0 = _per_class(correct & ~leaked, label, classes), _per_class(~leaked, label, classes)
    has = n0 > 0
    rate = right[has] / n0[has]
    weight = size[has] / max(1.0, size[has].sum())
    clean, spread = float((weight * rate).sum()), _half(float((weight**2 * rate * (1 - rate) / n0[has]).sum()))
    both = (n1 > 0) & (n0 > 0)
    gap = None
    if both.any():
        a, b, n1, n0 = hit[both], right[both], n1[both], n0[both]
        total = (n1 * n0 / (n1 + n0)).sum()
        value = float(((a * n0 - b * n1) / (n1 + n0)).sum() / total)
        variance = (a * (n1 - a) * n0**3 + b * (n0 - b) * n1**3) / (n1 * n0 * (n1 + n0) ** 2)
        half = _half(float(variance.sum() / total**2))
        gap = Interval(value=value, low=value - half, high=value + half)
    return _Compared(clean=Interval(value=clean, low=max(0, clean - spread), high=min(1, clean + spread)), gap=gap)


def _per_class(mask: BoolArray, label: IntArray, classes: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.bincount(label[mask], minlength=classes).astype(np.float64)


def _half(variance: float) -> float:
    return Z95 * float(np.sqrt(variance))


def _mean(correct: BoolArray) -> float | None:
    return float(correct.mean()) if len(correct) else None


def _leaks(view: View) -> pd.DataFrame:
    """One row a leaked sample: its most alike training picture."""
    assert view.run.leaks is not None
    best = view.run.leaks.sort_values(["sample_id", "similarity"], ascending=[True, False], kind="stable")
    best = best.drop_duplicates("sample_id", ignore_index=True)
    return best[np.isin(best["sample_id"], view.rows)].reset_index(drop=True)


def _relabelled(view: View, leaks: pd.DataFrame) -> int:
    own = view.run.column("label")[leaks["sample_id"].to_numpy()]
    return int((own != leaks["label"].to_numpy()).sum())


def _summary(view: View, count: int, exact: int, compared: _Compared) -> str:
    n = len(view)
    told = (
        f"{count:,} of {n:,} validation pictures ({100 * count / max(1, n):.1f} %) are in the training set, {exact:,} "
        f"of them byte for byte. "
    )
    if compared.gap is None or count < _SHOWN:
        return told + "They are too few, or in classes of their own, to say what they do to accuracy."
    gap, clean, now = compared.gap, compared.clean.value, _mean(view.predictions.correct) or 0.0
    if gap.low > 0:
        effect = f"Within a class they are right {100 * gap.value:.1f} points more often than the others"
    else:
        effect = f"They are not answered better than the others ({100 * gap.value:+.1f} points within a class)"
    return f"{told}{effect}. Without them, accuracy is {100 * clean:.1f} % instead of {100 * now:.1f} %."


def _denial(view: View, count: int) -> str:
    listed = view.run.classes["train_count"].sum() if "train_count" in view.run.classes else 0
    among = f"the {int(listed):,} training pictures" if listed else "the training pictures"
    if not count:
        return f"None of the {len(view):,} validation pictures is among {among}, not even re-encoded or resized."
    return (
        f"Only {count:,} of {len(view):,} validation pictures ({100 * count / len(view):.2f} %) are among {among}: "
        "too few to change what accuracy means."
    )


def _gap_evidence(gap: Interval | None, count: int) -> tuple[Evidence, ...]:
    if gap is None:
        return ()
    named = (
        ("leaked samples are right more often, within a class", gap.value),
        ("… by at least (95 % interval)", gap.low),
        ("… by at most (95 % interval)", gap.high),
    )
    return tuple(Evidence(name=name, value=value, unit="points of accuracy", n=count) for name, value in named)


def _table(leaks: pd.DataFrame) -> pd.DataFrame:
    told = leaks.rename(columns={"similarity": "score", "filepath": "train_filepath", "label": "train_label"})
    order = ["sample_id", "score", "kind", "train_filepath", "train_label"]
    return told[order].sort_values(["score", "sample_id"], ascending=[False, True], ignore_index=True)


_SNIPPET = """import pandas as pd

samples = pd.read_parquet("samples.parquet", columns=["sample_id", "filepath", "label"])
leaked = pd.read_parquet("evidence/train_val_leakage.parquet")["sample_id"]
samples[~samples["sample_id"].isin(leaked)].to_csv("val_clean.csv", index=False)  # validate on these
"""


HYPOTHESIS = Hypothesis(
    id="train_val_leakage",
    title="Validation pictures are in the training set",
    chapter="data",
    claim="the model has seen validation pictures in training, so its accuracy is flattered",
    lane=Lane.VALIDITY,
    gain_kind="none",
    stage=Stage.LATE,
    needs=("samples", "train_pictures"),
    measure=measure,
    min_effect=_LEAST,
    n_min=100,
    fix=(
        "Take these pictures out of the training set and train again, or validate on the others only. Split by "
        "where pictures come from (album, patient, video), not by file."
    ),
    source="Barz and Denzler 2020, arXiv 1902.00423; Mantel and Haenszel 1959",
)
