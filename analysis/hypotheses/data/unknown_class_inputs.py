"""Samples carry labels that are no class of the list, so no answer to them could be right."""

from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_SHOWN = 3


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Share of the labelled samples (fraction) whose label is not in the class list; an exact count."""
    del outcome
    unknown = int(view.run.meta["counts"].get("unknown_labels", 0))
    listed = len(view.run) + unknown
    share = unknown / listed if listed else 0.0
    return Measurement(
        summary=(
            f"{unknown:,} of {listed:,} samples ({100 * share:.1f} %) carry a label that is not in the class list"
            f"{_examples(view)}. They are kept out of accuracy and listed among the problems."
        ),
        denial=f"The label of every one of the {listed:,} samples is in the class list.",
        n=listed,
        effect=Interval.exactly(share),
        evidence=(
            Evidence(name="samples with a label outside the class list", value=float(unknown), unit="count", n=listed),
            Evidence(name="their share", value=share, threshold=0.0, unit="fraction", n=listed),
        ),
    )


def _examples(view: View) -> str:
    """The most frequent such labels, in brackets."""
    problems = view.run.problems
    if "label" not in problems or "reason" not in problems:
        return ""
    outside = problems.loc[problems["label"].notna() & ~problems["label"].isin(view.run.class_names), "label"]
    common = outside.value_counts().head(_SHOWN)
    return f" ({', '.join(f'“{label}” {count:,}×' for label, count in common.items())})" if len(common) else ""


HYPOTHESIS = Hypothesis(
    id="unknown_class_inputs",
    title="Labels outside the class list",
    chapter="data",
    claim="samples carry labels that the class list does not name",
    lane=Lane.NOTE,
    gain_kind="none",
    stage=Stage.EARLY,
    needs=("samples",),
    measure=measure,
    min_effect=1e-9,
    n_min=1,
    fix="Name these classes in the list and give them head rows, map the labels to classes, or leave the samples out.",
    source="exact count",
)
