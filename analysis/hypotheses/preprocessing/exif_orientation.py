"""Files whose tag says that they lie on their side are shown to the network as they lie."""

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import chosen_variant, snippet_of, variants_of
from analysis.diagnosis.view import View

_LEAST = 0.005
_FEWEST = 20


def what_if(view: View) -> Repair | None:
    """The answers with the tag applied (or ignored, where it was applied)."""
    return best_rerun(view, "exif")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) of all samples, and of the tagged ones, with the tag read the other way."""
    assert outcome is not None
    tags = None if view.run.reruns is None else view.run.reruns.orientations
    rows = np.zeros(0, dtype=np.int64) if tags is None else tags["sample_id"].to_numpy()
    before, after = outcome.before[rows], outcome.after[rows]
    errors = int((~before).sum())
    tried = variants_of(view, "exif")
    variant = chosen_variant(outcome)
    return Measurement(
        summary=_summary(view, rows, outcome),
        denial=_denial(view, rows, tried),
        n=len(view),
        ceiling=errors / max(1, len(view)) if tags is not None and len(rows) < _FEWEST else None,
        abstain="no file's orientation tag was read" if tags is None else None,
        evidence=(
            Evidence(name="files with an orientation tag", value=float(len(rows)), unit="count", n=len(view)),
            Evidence(name="accuracy on them now", value=_mean(before), unit="fraction", n=len(rows)),
            Evidence(name="accuracy on them, turned", value=_mean(after), unit="fraction", n=len(rows)),
            Evidence(name="accuracy on the others", value=_others(view, outcome, rows), unit="fraction", n=len(view)),
        ),
        table=_table(rows, tags, before, after) if tags is not None and variant is not None else None,
        tables={"variants": tried} if len(tried) else {},
        snippet=None if variant is None else snippet_of(view, variant),
    )


def _summary(view: View, rows: IntArray, outcome: Outcome) -> str:
    return (
        f"{len(rows):,} of {len(view):,} files ({100 * len(rows) / max(1, len(view)):.1f} %) carry a tag that says "
        f"how to turn them, and it is read wrongly: {100 * _share(outcome.before[rows]):.1f} % of them are right, "
        f"turned the other way {100 * _share(outcome.after[rows]):.1f} %. Over all pictures: "
        f"{100 * _share(outcome.before):.1f} % → {100 * _share(outcome.after):.1f} %."
    )


def _denial(view: View, rows: IntArray, tried: pd.DataFrame) -> str:
    if not len(rows):
        return f"None of {len(view):,} files carries an orientation tag."
    if tried.empty:
        return f"Only {len(rows):,} of {len(view):,} files carry an orientation tag: too few to matter."
    best = tried.iloc[0]
    return (
        f"{len(rows):,} of {len(view):,} files carry an orientation tag. With {best['label']}, "
        f"{100 * best['accuracy']:.1f} % of {min(best['images'], len(rows)):,} of them are right, as it is "
        f"{100 * best['accuracy_base']:.1f} %."
    )


def _table(rows: IntArray, tags: pd.DataFrame, before: BoolArray, after: BoolArray) -> pd.DataFrame:
    score = after.astype(float) - before.astype(float)
    table = pd.DataFrame({"sample_id": rows, "score": score, "orientation": tags["orientation"].to_numpy()})
    return table.sort_values(["score", "sample_id"], ascending=[False, True], ignore_index=True)


def _others(view: View, outcome: Outcome, rows: IntArray) -> float | None:
    others = np.ones(len(view), dtype=np.bool_)
    others[rows] = False
    return _mean(outcome.before[others])


def _mean(correct: BoolArray) -> float | None:
    return float(correct.mean()) if len(correct) else None


def _share(correct: BoolArray) -> float:
    return float(correct.mean()) if len(correct) else 0.0


HYPOTHESIS = Hypothesis(
    id="exif_orientation",
    title="Pictures lie on their side",
    chapter="preprocessing",
    claim="the orientation tag of some files is ignored (or applied) where training did the opposite",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=100,
    explains=("bn_stats_stale",),
    pairs=True,
    look_alikes=("metadata_slice", "failure_cluster", "source_domain_shift"),
    fix="Set exif in [preprocessing] as shown; elsewhere call PIL.ImageOps.exif_transpose(picture) right after opening "
    "a file. The checkpoint stays as it is.",
    source="the tagged files asked again; exact McNemar on held-out halves",
)
