"""From an effect, its interval and its p to a verdict."""

from analysis.diagnosis.hypothesis import CERTAIN, Hypothesis, Measurement, Outcome, Verdict
from analysis.diagnosis.significance import Interval

ALPHA = 0.05
_SMALLEST_EFFECT = 0.002


def is_material(change: Interval, before: float, least: float = CERTAIN) -> bool:
    """Worth a repair: half a point for certain, or a quarter more right answers where hardly any are right."""
    return change.low > min(least, max(0.25 * before, 1e-9))


def effect_of(measurement: Measurement, outcome: Outcome | None) -> tuple[Interval, float | None]:
    """The effect that counts and its p (None = exact)."""
    if measurement.effect is not None:
        return measurement.effect, measurement.p
    if outcome is None:
        raise ValueError("A hypothesis without `what_if` must measure an effect.")
    return outcome.score.change, outcome.score.p


def smallest_effect(hypothesis: Hypothesis, measurement: Measurement, outcome: Outcome | None) -> float:
    """The threshold; on a model that is hardly ever right, doubling its accuracy is worth a finding too."""
    if measurement.effect is not None or outcome is None or not len(outcome.before):
        return hypothesis.min_effect
    return max(_SMALLEST_EFFECT, min(hypothesis.min_effect, float(outcome.before.mean())))


def judge(
    hypothesis: Hypothesis, measurement: Measurement, outcome: Outcome | None, *, p_adjusted: float | None
) -> Verdict:
    """Supported, refuted or inconclusive.

    Supported: enough samples, p within the family below 0.05, effect at least the threshold, its lower bound above 0.
    Refuted: the upper 95 % bound of the effect, or the exact ceiling of every such repair, stays below the threshold.
    """
    effect, _ = effect_of(measurement, outcome)
    threshold = smallest_effect(hypothesis, measurement, outcome)
    if measurement.ceiling is not None and measurement.ceiling < threshold and measurement.n >= hypothesis.n_min:
        return Verdict.REFUTED
    if measurement.abstain is not None or measurement.n < hypothesis.n_min:
        return Verdict.INCONCLUSIVE
    wins = outcome.score.win_share if outcome is not None and measurement.effect is None else 1.0
    proven = p_adjusted is None or p_adjusted <= ALPHA
    if measurement.effect is None and outcome is not None:
        proven = proven and is_material(effect, float(outcome.before.mean()), hypothesis.min_certain)
    if proven and effect.value >= threshold and effect.low > 0 and wins >= hypothesis.min_win_share:
        return Verdict.SUPPORTED
    return Verdict.REFUTED if effect.high < threshold else Verdict.INCONCLUSIVE
