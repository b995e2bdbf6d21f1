"""Pictures are broken: they cannot be read, show one colour only, or are far too small."""

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray
from analysis.diagnosis.broken_pictures import blank_pictures, tiny_pictures
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval, wilson
from analysis.diagnosis.view import View

_SHARE = 0.005


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of the pictures (fraction) that are unreadable, blank or tiny; the gain is at most the errors on them."""
    del outcome
    blank, tiny = blank_pictures(view), tiny_pictures(view)
    broken = blank | tiny
    unreadable = _unreadable(view)
    n = len(view)
    listed = n + unreadable
    share = (int(broken.sum()) + unreadable) / listed if listed else 0.0
    errors = int((broken & ~view.predictions.correct).sum())
    low, high = wilson(errors, n)
    small = int((tiny & ~blank).sum())
    found = int(broken.sum()) + unreadable
    return Measurement(
        summary=(
            f"{found:,} of {listed:,} pictures ({100 * share:.1f} %) are broken: {unreadable:,} cannot be read, "
            f"{int(blank.sum()):,} show a single colour, {small:,} are far smaller than the others. {errors:,} of them "
            f"count as errors: at most {100 * errors / max(n, 1):.1f} points of accuracy."
        ),
        denial=(
            f"{found:,} of {listed:,} pictures ({100 * share:.2f} %) are unreadable, of a single colour or far smaller "
            "than the others."
        ),
        n=listed,
        effect=Interval.exactly(share),
        gain=Interval(value=errors / max(n, 1), low=low, high=high) if errors else None,
        lane=Lane.NOTE if share >= _SHARE and errors < _SHARE * n else None,
        evidence=(
            Evidence(name="share of broken pictures", value=share, threshold=_SHARE, unit="fraction", n=listed),
            Evidence(name="cannot be read", value=float(unreadable), unit="count", n=listed),
            Evidence(name="of a single colour", value=float(blank.sum()), unit="count", n=n),
            Evidence(name="far smaller than the others", value=float(small), unit="count", n=n),
            Evidence(name="errors on broken pictures", value=float(errors), unit="count", n=int(broken.sum())),
        ),
        table=_table(view, broken, blank),
    )


def _unreadable(view: View) -> int:
    """Rows of the problems that are not about labels."""
    unknown = int(view.run.meta["counts"].get("unknown_labels", 0))
    return max(0, len(view.run.problems) - unknown)


def _table(view: View, broken: BoolArray, blank: BoolArray) -> pd.DataFrame:
    rows = np.flatnonzero(broken)
    contrast = view.column("pixel_std")[rows]
    what = np.where(blank[rows], "one colour", "tiny")
    score = 1 / (1 + np.nan_to_num(contrast.astype(np.float64)))
    table = pd.DataFrame({"sample_id": view.rows[rows], "score": score, "what": what, "pixel_std": contrast})
    return table.sort_values(["score", "sample_id"], ascending=[False, True], ignore_index=True)


HYPOTHESIS = Hypothesis(
    id="corrupt_images",
    title="Pictures are broken",
    chapter="preprocessing",
    claim="pictures cannot be read, show a single colour, or are far too small",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "pictures"),
    measure=measure,
    min_effect=_SHARE,
    n_min=20,
    fix="Look at the list and at problems.parquet; restore or remove these files, and check how they were written.",
    source="exact count",
)
