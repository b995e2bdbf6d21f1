"""A half-precision format loses what tells classes apart: overflow, or logits too coarse to differ."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.network_evidence import changed_before, evidence_of, number, probes_of, was_asked
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, chosen_variant, measured
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.verdicts import is_material
from analysis.diagnosis.view import View

_LEAST, _TIES, _FLIPS, _FEWEST_FLIPS, _HALF = 0.005, 0.01, 0.01, 2, 0.99
_FLOAT16_MAX = 65_504.0
_TOPIC = Topic(
    axis="precision",
    fault="The number format is too coarse or overflows.",
    others="other number formats",
    none="No other number format was tried.",
)


def what_if(view: View) -> Repair | None:
    """The answers in float32 throughout."""
    return best_rerun(view, "precision")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Ties, answers that change in float32, overflow; accuracy (fraction) in float32 where any of these shows."""
    assert outcome is not None
    probes = probes_of(view)
    found = measured(view, outcome, _TOPIC, _LEAST)
    found = replace(
        found,
        summary=f"{found.summary} {_words(probes)}",
        evidence=(*_evidence(probes, len(view)), *found.evidence),
        denial=f"The number format takes nothing away. {_words(probes)}",
    )
    if not probes:
        return replace(found, abstain="the probe was left out")
    if changed_before(view, "precision"):
        return replace(found, ceiling=0.0, denial="The answers judged here are in float32 throughout.")
    if chosen_variant(outcome) is not None and is_material(outcome.score.change, float(outcome.before.mean())):
        return found
    if _shows(probes) and probes.get("failed"):
        return replace(found, abstain="the stored logits are coarse and no picture could be asked again in float32")
    ties = number(probes, "tie_rate") or 0.0
    if _is_half(probes) and ties >= _TIES:
        return replace(found, summary=_coarse(probes), effect=Interval.exactly(ties), lane=Lane.VALIDITY, abstain=None)
    return replace(found, ceiling=0.0) if not _shows(probes) or was_asked(view, "precision") else found


def _shows(probes: Mapping[str, Any]) -> bool:
    ties, flips = number(probes, "tie_rate") or 0.0, number(probes, "fp32_flips") or 0.0
    flipped = flips >= _FLIPS and flips * int(probes.get("pictures") or 0) >= _FEWEST_FLIPS
    lossy = probes.get("precision") != "fp32" and flipped
    return ties >= _TIES or _is_half(probes) or lossy or (number(probes, "nonfinite") or 0.0) > 0


def _is_half(probes: Mapping[str, Any]) -> bool:
    return max(number(probes, "bf16_exact") or 0.0, number(probes, "fp16_exact") or 0.0) > _HALF


def _coarse(probes: Mapping[str, Any]) -> str:
    return (
        f"The logits are too coarse to tell all classes apart, although this costs no accuracy that can be told from "
        f"chance: {_words(probes)}"
    )


def _words(probes: Mapping[str, Any]) -> str:
    parts = [
        f"{100 * (number(probes, 'tie_rate') or 0.0):.1f} % of the pictures have two equal largest logits",
    ]
    half = max(number(probes, "bf16_exact") or 0.0, number(probes, "fp16_exact") or 0.0)
    if half > _HALF:
        parts.append(
            f"{100 * half:.0f} % of the logits are numbers of a half format, whose steps are "
            f"{number(probes, 'resolution') or 0.0:g} where the largest logits lie"
        )
    if (number(probes, "nonfinite") or 0.0) > 0:
        parts.append(f"{int(probes['nonfinite']):,} pictures have logits that are no finite numbers")
    flips = number(probes, "fp32_flips")
    if flips is not None:
        parts.append(f"in float32 {100 * flips:.1f} % of {int(probes['pictures']):,} pictures get another answer")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _evidence(probes: Mapping[str, Any], samples: int) -> tuple[Evidence, ...]:
    return (
        Evidence(name="two equal largest logits", value=number(probes, "tie_rate"), unit="fraction", n=samples,
                 threshold=_TIES),
        Evidence(name="pictures with NaN or infinite logits", value=number(probes, "nonfinite"), unit="count",
                 n=samples, threshold=1),
        *evidence_of(probes, "fp32_flips", "other answer in float32", "fraction", _FLIPS),
        *evidence_of(probes, "largest_activation", "largest activation", "units", _FLOAT16_MAX / 2),
        Evidence(name="logits that bfloat16 holds exactly", value=number(probes, "bf16_exact"), unit="fraction",
                 n=samples, threshold=_HALF),
        Evidence(name="logits that float16 holds exactly", value=number(probes, "fp16_exact"), unit="fraction",
                 n=samples, threshold=_HALF),
    )  # fmt: skip


HYPOTHESIS = Hypothesis(
    id="precision_overflow",
    title="The number format loses the answer",
    chapter="backbone",
    claim="float16 overflows or bfloat16 is too coarse for these logits",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=100,
    explains=("logit_group_bias", "logit_scale_mismatch", "head_rows_degenerate", "index_map_scrambled"),
    pairs=True,
    look_alikes=("head_rows_degenerate", "stochastic_inference", "logit_group_bias"),
    fix='Compute and save the head\'s logits in float32 (`precision = "fp32"` in [inference], `logits.float()` '
    "before any cast), and subtract a constant that all logits share before casting.",
    source="Micikevicius et al. 2018 (arXiv 1710.03740); spacing of bfloat16 is 2^(⌊log2|z|⌋ − 7)",
)
