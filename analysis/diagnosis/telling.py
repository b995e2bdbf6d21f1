"""From a trial to a finding: the verdict and the sentence a person reads."""

from dataclasses import dataclass, replace

from analysis.diagnosis.explaining_away import Chosen
from analysis.diagnosis.finding import Finding
from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Outcome, Verdict
from analysis.diagnosis.inputs import Input
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.trial import Trial
from analysis.diagnosis.verdicts import effect_of, judge, smallest_effect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """Everything known about one tested hypothesis."""

    trial: Trial
    p: float | None
    p_adjusted: float | None
    chosen: Chosen | None
    alone: Trial | None
    explained_by: str | None
    explained_by_title: str
    is_precluded: bool = False  # nothing can be said of it while `explained_by` holds


def not_testable(hypothesis: Hypothesis, lacking: tuple[Input, ...]) -> Finding:
    """The finding of a hypothesis whose inputs are missing."""
    needs = tuple(one.name for one in lacking)
    plain = _finding(hypothesis, Verdict.NOT_TESTABLE, summary=f"Not tested: this run lacks {_listed(needs)}.")
    return replace(plain, needs=needs, how_to_add=tuple(dict.fromkeys(one.how_to_add for one in lacking)))


def finding_of(told: Told) -> Finding:
    """The finding of a hypothesis that was tested."""
    trial, hypothesis = told.trial, told.trial.hypothesis
    measurement = trial.measurement
    if measurement is None:
        summary = f"The test itself failed and says nothing about the model: {trial.error}."
        return replace(_finding(hypothesis, Verdict.ERRORED, summary=summary), seconds=trial.seconds)
    verdict = _verdict(told, measurement)
    if told.is_precluded:
        verdict = Verdict.INCONCLUSIVE
    explained_by = told.explained_by if verdict is not Verdict.SUPPORTED else None
    return replace(
        _finding(hypothesis, verdict, summary=_summary(told, measurement, verdict, explained_by)),
        lane=_lane(told, measurement, verdict),
        fix=measurement.fix or hypothesis.fix,
        snippet=measurement.snippet,
        gain=_gain(told, measurement),
        gain_alone=told.alone.outcome.score.change.value if told.alone and told.alone.outcome else None,
        given=told.chosen.given if told.chosen else (),
        accuracy_if_fixed=told.chosen.accuracy_after if told.chosen else None,
        explained_by=explained_by,
        p=told.p,
        p_adjusted=told.p_adjusted,
        evidence=measurement.evidence,
        seconds=trial.seconds,
    )


def _verdict(told: Told, measurement: Measurement) -> Verdict:
    if told.chosen is not None:
        return Verdict.SUPPORTED
    verdict = judge(told.trial.hypothesis, measurement, told.trial.outcome, p_adjusted=told.p_adjusted)
    measured_gain = measurement.effect is None and told.trial.outcome is not None
    if verdict is Verdict.SUPPORTED and measured_gain and told.alone is not None:
        return Verdict.INCONCLUSIVE  # a repair that pays would have been chosen
    return verdict


def _lane(told: Told, measurement: Measurement, verdict: Verdict) -> Lane:
    """What holds with a gain that is no repair's costs that at most, though some repair of it was tried."""
    lane = told.trial.hypothesis.lane
    if told.chosen is not None:
        return lane
    is_at_most = verdict is Verdict.SUPPORTED and lane is Lane.GAIN and measurement.gain is not None
    return measurement.lane or (Lane.BOUND if is_at_most else lane)


def _gain(told: Told, measurement: Measurement) -> Interval | None:
    if told.chosen is not None:
        return told.chosen.gain
    if measurement.gain is not None:
        return measurement.gain
    return told.trial.outcome.score.change if told.trial.outcome is not None else None


def _summary(told: Told, measurement: Measurement, verdict: Verdict, explained_by: str | None) -> str:
    if verdict is Verdict.SUPPORTED:
        return measurement.summary
    if told.is_precluded:
        return f"Nothing can be said of it while “{told.explained_by_title}” holds: mend that first, then look again."
    if explained_by is not None:
        alone = told.alone.outcome.score.change.value if told.alone and told.alone.outcome else 0.0
        return (
            f"Nothing of its own: alone it would give back {100 * alone:+.1f} points, but once "
            f"“{told.explained_by_title}” is undone it adds nothing that can be told from zero."
        )
    if verdict is Verdict.REFUTED:
        return measurement.denial
    why = measurement.abstain or _undecided(told.trial.hypothesis, measurement, told.trial.outcome)
    return f"Cannot be decided: {why}."


def _undecided(hypothesis: Hypothesis, measurement: Measurement, outcome: Outcome | None) -> str:
    if measurement.n < hypothesis.n_min:
        return f"{measurement.n:,} samples, at least {hypothesis.n_min:,} are needed"
    effect, _ = effect_of(measurement, outcome)
    threshold = smallest_effect(hypothesis, measurement, outcome)
    if measurement.effect is None:
        return (
            f"undoing it changes accuracy by {100 * effect.value:+.1f} points (95 % interval {100 * effect.low:+.1f} "
            f"to {100 * effect.high:+.1f}), which is neither clearly above nor clearly below {100 * threshold:.1f}"
        )
    return (
        f"the measured effect is {effect.value:.3g} (95 % interval {effect.low:.3g} to {effect.high:.3g}), neither "
        f"clearly above nor clearly below the {threshold:.3g} from which on it counts"
    )


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _finding(hypothesis: Hypothesis, verdict: Verdict, *, summary: str) -> Finding:
    return Finding(
        id=hypothesis.id,
        title=hypothesis.title,
        chapter=hypothesis.chapter,
        claim=hypothesis.claim,
        source=hypothesis.source,
        verdict=verdict,
        lane=hypothesis.lane,
        gain_kind=hypothesis.gain_kind,
        summary=summary,
        fix=hypothesis.fix,
        look_alikes=hypothesis.look_alikes,
    )
