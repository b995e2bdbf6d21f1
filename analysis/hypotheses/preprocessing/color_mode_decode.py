"""Files of an unusual pixel format (gray, palette, CMYK, transparent, 16-bit) come out wrongly."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import chosen_variant, snippet_of, variants_of
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_LEAST = 0.005
_FEWEST = 20
_ODDS = 2.0
_KINDS = {
    "gray": ("1", "L"), "palette": ("P",), "CMYK": ("CMYK", "YCCK"), "transparent": ("RGBA", "LA", "PA", "RGBa", "La"),
    "16-bit": ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"), "colour": ("RGB", "YCbCr", "LAB", "HSV", "RGBX"),
}  # fmt: skip
_SMALLEST = 1e-300


def what_if(view: View) -> Repair | None:
    """The conversion of these files that serves this half best."""
    return best_rerun(view, "decoding")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy with another conversion; where none helps, errors in excess of the class's others (fraction of all)."""
    assert outcome is not None
    table = _strata(view)
    variant = chosen_variant(outcome)
    worst = table.iloc[0] if len(table) else None
    tried = variants_of(view, "decoding")
    evidence = tuple(
        Evidence(
            name=f"odds of an error in {row['kind']} files against others of the same classes",
            value=float(row["odds"]) if np.isfinite(row["odds"]) else None,
            threshold=_ODDS,
            unit="ratio",
            n=int(row["files"]),
        )
        for _, row in table.iterrows()
    )
    rerun = variant is not None and outcome.score.change.low > 0
    return Measurement(
        summary=_repaired(outcome, tried, variant) if rerun else _worse(worst, len(view)),
        denial=_denial(worst, len(view)),
        n=len(view),
        evidence=evidence,
        effect=None if rerun else _excess(worst, len(view)),
        p=None if rerun or worst is None else min(1.0, float(worst["p"]) * len(table)),
        gain=None if rerun or worst is None else _excess(worst, len(view)),
        lane=None if rerun else Lane.BOUND,
        table=None if worst is None else _files(view, str(worst["kind"])),
        tables={"strata": table, **({"variants": tried} if len(tried) else {})} if len(table) else {},
        snippet=snippet_of(view, variant) if rerun and variant is not None else _SNIPPET,
    )


def _kind(view: View) -> AnyArray:
    of_mode = {mode: kind for kind, modes in _KINDS.items() for mode in modes}
    modes, place = np.unique(view.column("mode").astype(str), return_inverse=True)
    return np.array([of_mode.get(str(mode), str(mode)) for mode in modes], dtype=object)[place]


def _strata(view: View) -> pd.DataFrame:
    """One row for each kind of file but the most common: files, errors, expected errors, odds ratio, p; worst first."""
    kind = _kind(view)
    kinds, count = np.unique(kind.astype(str), return_counts=True)
    usual = kinds[np.argmax(count)] if len(kinds) else ""
    rows = []
    for name, files in zip(kinds, count, strict=True):
        if name != usual and files >= _FEWEST:
            rows.append({"kind": name, **mantel_haenszel(view.label, ~view.predictions.correct, kind == name)})
    columns = ["kind", "files", "errors", "expected", "odds", "p"]
    table = pd.DataFrame(rows, columns=columns)
    table["excess"] = table["errors"] - table["expected"]
    return table.sort_values(["excess", "kind"], ascending=[False, True], ignore_index=True)


def mantel_haenszel(label: IntArray, error: BoolArray, exposed: BoolArray) -> dict[str, float]:
    """Errors of exposed samples against those of others of the same class.

    Args:
        label: (n,) class, the strata.
        error: (n,).
        exposed: (n,).

    Returns:
        files, errors (among the exposed, in classes that have both kinds), expected (errors, if the odds were equal),
        odds (common odds ratio; inf or NaN where it is not defined), p (two-sided, without continuity correction).

    Source:
        Mantel and Haenszel 1959.
    """
    _, place = np.unique(label, return_inverse=True)
    classes = int(place.max()) + 1 if len(place) else 0

    def counted(mask: BoolArray) -> AnyArray:
        return np.bincount(place[mask], minlength=classes).astype(np.float64)

    a, b = counted(exposed & error), counted(exposed & ~error)
    c, d = counted(~exposed & error), counted(~exposed & ~error)
    n = a + b + c + d
    held = ((a + b) > 0) & ((c + d) > 0) & (n > 1)
    a, b, c, d, n = (values[held] for values in (a, b, c, d, n))
    expected = (a + b) * (a + c) / n
    variance = (a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1))
    under, over = float((b * c / n).sum()), float((a * d / n).sum())
    distance = float((a - expected).sum()) ** 2 / float(variance.sum()) if variance.sum() > 0 else 0.0
    return {
        "files": float(exposed.sum()),
        "errors": float(a.sum()),
        "expected": float(expected.sum()),
        "odds": over / under if under > 0 else float("inf") if over > 0 else float("nan"),
        "p": float(max(chi2.sf(distance, 1), _SMALLEST)),
    }


def _excess(worst: "pd.Series[Any] | None", n: int) -> Interval:
    """Errors beyond those expected, as a share of all samples; Poisson interval of the errors."""
    if worst is None or worst["odds"] < _ODDS:
        return Interval.exactly(0.0)
    half = 1.96 * float(np.sqrt(max(worst["errors"], 1.0)))
    value = float(worst["excess"])
    return Interval(value=value / n, low=max(0.0, value - half) / n, high=(value + half) / n)


def _repaired(outcome: Outcome, tried: pd.DataFrame, variant: str | None) -> str:
    label = tried.loc[tried["variant"] == variant, "label"].iloc[0]
    changed = outcome.before != outcome.after
    return (
        f"Some files are converted otherwise than in training; it fits: {label}. {int(changed.sum()):,} answers "
        f"change, accuracy goes from {100 * outcome.before.mean():.1f} % to {100 * outcome.after.mean():.1f} %."
    )


def _worse(worst: "pd.Series[Any] | None", n: int) -> str:
    if worst is None:
        return ""
    return (
        f"{int(worst['files']):,} of {n:,} files are {worst['kind']}, and {int(worst['errors']):,} of them are wrong "
        f"where {worst['expected']:.0f} would be if they did like others of their classes: at most "
        f"{100 * worst['excess'] / max(n, 1):.1f} points. No other conversion that was tried brings them back."
    )


def _denial(worst: "pd.Series[Any] | None", n: int) -> str:
    if worst is None:
        return f"All but a few of {n:,} files have the same pixel format."
    return (
        f"{int(worst['files']):,} {worst['kind']} files: {int(worst['errors']):,} of them are wrong, "
        f"{worst['expected']:.0f} would be if they did like others of their classes."
    )


def _files(view: View, kind: str) -> pd.DataFrame:
    rows = np.flatnonzero(_kind(view) == kind)
    score = (~view.predictions.correct[rows]).astype(np.float64)
    table = pd.DataFrame({"sample_id": view.rows[rows], "score": score, "mode": view.column("mode")[rows].astype(str)})
    return table.sort_values(["score", "sample_id"], ascending=[False, True], ignore_index=True)


_SNIPPET = 'picture = Image.open(path).convert("RGB")  # for every file, in training and here'

HYPOTHESIS = Hypothesis(
    id="color_mode_decode",
    title="Some pixel formats are converted wrongly",
    chapter="preprocessing",
    claim="files that are gray, with a palette, CMYK, transparent or 16-bit are turned into colours otherwise than in "
    "training",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "pictures", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=100,
    explains=("bn_stats_stale",),
    look_alikes=("corrupt_images", "metadata_slice", "failure_cluster"),
    fix="Convert every file to RGB in one and the same way, in training and here.",
    source="Mantel and Haenszel 1959; re-run of these files with another conversion",
)
