"""What the hypotheses about preprocessing say of the re-runs on their axis: numbers, words, table and snippet."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.diagnosis.hypothesis import Evidence, Measurement, Outcome
from analysis.diagnosis.repairs import Rerun
from analysis.diagnosis.view import View

SHOWN = (
    "variant", "base", "label", "images", "is_full", "accuracy", "accuracy_base", "class_means_accuracy",
    "class_means_accuracy_base", "mean_confidence", "mean_confidence_base", "first_norm_distance",
    "first_norm_distance_base", "seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """How an axis is spoken of.

    Attributes:
        fault: sentence before the numbers; `{label}` is the variant in words.
        others: "other normalizations".
        none: said where there is nothing else to try.
    """

    axis: str
    fault: str
    others: str
    none: str


def measured(view: View, outcome: Outcome, topic: Topic, threshold: float) -> Measurement:
    """Accuracy with the confirmed variant of an axis against the run's own; what the search saw where none was.

    Args:
        view: N samples.
        outcome: of `rerun_choice.best_rerun`.
        topic: the axis and its words.
        threshold: points of accuracy (0..1) that count, for the evidence.
    """
    tried = variants_of(view, topic.axis)
    chosen = chosen_variant(outcome)
    row = None if chosen is None else tried[tried["variant"] == chosen].iloc[0]
    return Measurement(
        summary=_summary(view, outcome, topic, row),
        denial=denial(view, topic, tried, row, outcome),
        n=len(view),
        evidence=_evidence(view, outcome, tried, row, threshold),
        abstain=_abstain(view, tried, row),
        tables={"variants": tried[[name for name in SHOWN if name in tried]]} if len(tried) else {},
        snippet=None if chosen is None else snippet_of(view, chosen),
    )


def variants_of(view: View, axis: str) -> pd.DataFrame:
    """Variants of the axis on top of the predictions' source, or, where none was tried there, of any base."""
    reruns = view.run.reruns
    if reruns is None:
        return pd.DataFrame(columns=list(SHOWN))
    table = reruns.table[reruns.table["axis"] == axis]
    here = table[table["base"] == view.predictions.source]
    return here if len(here) else table


def chosen_variant(outcome: Outcome) -> str | None:
    """The variant that the halves chose; the first half's where they disagree."""
    return next((repair.source for repair in outcome.repairs if isinstance(repair, Rerun)), None)


def worth_of(view: View, variant: str) -> float:
    """Smallest gain of accuracy by which a variant is more than tuning."""
    assert view.run.reruns is not None
    table = view.run.reruns.table
    return float(table.loc[table["variant"] == variant, "worth"].iloc[0]) if "worth" in table else 0.0


def settings_of(view: View, variant: str) -> dict[str, Any]:
    """Everything that a variant and its bases change."""
    assert view.run.reruns is not None
    table = view.run.reruns.table.set_index("variant")
    changed: dict[str, Any] = {}
    while variant:
        changed = json.loads(str(table.loc[variant, "settings"])) | changed
        variant = str(table.loc[variant, "base"])
    return changed


def snippet_of(view: View, variant: str) -> str:
    """The lines of the investigation's file, and of any other loader's settings, that the variant stands for."""
    settings = settings_of(view, variant)
    conversion = settings.pop("conversion", None)
    settings.pop("network", None)  # a change of the network is no key of the file
    lines = [f"{key} = {_toml(value)}" for key, value in settings.items()]
    lines = ["[preprocessing]", *lines] if lines else []
    return "\n".join([*lines, *([_IN_PYTHON.get(conversion, f"# {conversion}")] if conversion else [])])


_IN_PYTHON = {
    "gray": 'picture = picture.convert("L").convert("RGB")',
    "inverted": "picture = ImageOps.invert(picture)",
    "alpha on white": 'below = Image.new("RGBA", picture.size, "white")\n'
    'picture = Image.alpha_composite(below, picture.convert("RGBA")).convert("RGB")',
    "alpha on black": 'below = Image.new("RGBA", picture.size, "black")\n'
    'picture = Image.alpha_composite(below, picture.convert("RGBA")).convert("RGB")',
    "deep stretched": "pixels = np.rint((pixels - pixels.min()) * (255 / np.ptp(pixels))).astype(np.uint8)",
    "deep clipped": "pixels = np.clip(pixels, 0, 255).astype(np.uint8)",
    "inks inverted": 'picture = ImageChops.invert(picture.convert("CMYK")).convert("RGB")',
}


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value)


def _summary(view: View, outcome: Outcome, topic: Topic, row: Any) -> str:
    if row is None:
        return ""
    groups = ""
    if view.run.is_old is not None:
        old = view.is_old[view.label]
        parts = [(name, side) for name, side in (("old", old), ("new", ~old)) if side.any()]
        groups = " (" + ", ".join(f"{n} classes {_move(outcome, side)}" for n, side in parts) + ")"
    everything = np.ones(len(view), dtype=np.bool_)
    return (
        f"{topic.fault.format(label=row['label'])} Asked again that way, all {len(view):,} pictures: "
        f"{_move(outcome, everything)} right{groups}. No weight was changed."
    )


def _move(outcome: Outcome, side: Any) -> str:
    return f"{100 * outcome.before[side].mean():.1f} % → {100 * outcome.after[side].mean():.1f} %"


def denial(view: View, topic: Topic, tried: pd.DataFrame, row: Any, outcome: Outcome) -> str:
    """Why it is not this."""
    if row is not None:
        return (
            f'The best of {len(tried):,} {topic.others}, "{row["label"]}", changes accuracy from '
            f"{100 * outcome.before.mean():.1f} % to {100 * outcome.after.mean():.1f} %."
        )
    if tried.empty:
        return topic.none
    best = tried.iloc[int(np.argmax(tried["score"]))]
    return (
        f'None of {len(tried):,} {topic.others} promises a gain. The one with most for it, "{best["label"]}", gets '
        f"{100 * best['accuracy']:.1f} % of {best['images']:,} pictures right, the run's own "
        f"{100 * best['accuracy_base']:.1f} % of the same."
    )


def _abstain(view: View, tried: pd.DataFrame, row: Any) -> str | None:
    """A gain that was promised but never confirmed is neither there nor not there."""
    if row is not None or tried.empty or "promises" not in tried:
        return None
    waiting = tried[tried["promises"].astype(bool) & ~tried["is_full"].astype(bool)]
    if waiting.empty:
        return None
    best = waiting.iloc[0]
    return (
        f'"{best["label"]}" gets {100 * best["accuracy"]:.1f} % of {best["images"]:,} pictures right and the run\'s '
        f"own {100 * best['accuracy_base']:.1f} %, but not every picture was asked; run again without "
        "--skip confirmation"
    )


def _evidence(view: View, outcome: Outcome, tried: pd.DataFrame, row: Any, threshold: float) -> tuple[Evidence, ...]:
    n, before = len(view), float(outcome.before.mean()) if len(view) else 0.0
    after = float(outcome.after.mean()) if len(view) else 0.0
    evidence = [
        Evidence(name="accuracy now", value=before, unit="fraction", n=n),
        Evidence(
            name="accuracy with the best variant, chosen on the other half",
            value=after,
            threshold=before + threshold,
            unit="fraction",
            n=n,
        ),
        Evidence(name="variants tried", value=float(len(tried)), unit="count", n=n),
    ]
    if row is None:
        return tuple(evidence)
    images = min(int(row["images"]), 2048)
    for name, words, unit in _FACTS:
        now, was = row.get(name), row.get(f"{name}_base")
        if now is not None and was is not None and np.isfinite(now) and np.isfinite(was):
            evidence.append(Evidence(name=f"{words}, now", value=float(was), unit=unit, n=images))
            evidence.append(Evidence(name=f"{words}, with the variant", value=float(now), unit=unit, n=images))
    return tuple(evidence)


_FACTS = (
    ("class_means_accuracy", "right by nearest class mean of the embeddings (needs no head)", "fraction"),
    ("mean_confidence", "mean confidence (needs no labels)", "fraction"),
    (
        "first_norm_distance",
        "distance of the first BatchNorm's input from its statistics (needs no labels)",
        "variances",
    ),
)
