"""Which repairs are needed together: the best first, the rest judged given it, until nothing worth having is left.

Greedy forward selection on the held-out gain. Two faults can hide each other (a permutation under a bias that lets one
group win everything): when no single repair pays, ordered pairs are tried, and both must be needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from analysis.diagnosis.hypothesis import Hypothesis, Verdict
from analysis.diagnosis.significance import Interval, Paired, paired
from analysis.diagnosis.trial import Bench, State, Trial
from analysis.diagnosis.verdicts import ALPHA, effect_of, is_material, judge

_ORDERS_TRIED_UP_TO = 3
_WORTH_A_PAIR = 0.02  # accuracy
NEARLY_ALL = 0.9  # of the gain of a more general cause


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """A repair that is needed.

    Attributes:
        trial: in the state in which it was chosen; `trial.state` has it applied.
        gain: accuracy it gives back, given the repairs named in `given`.
        given: ids of the other repairs in place.
    """

    trial: Trial
    gain: Interval
    given: tuple[str, ...]
    accuracy_after: float

    @property
    def id(self) -> str:
        """Id of the hypothesis."""
        return self.trial.hypothesis.id


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """What is left of the early hypotheses.

    Attributes:
        chosen: in the order in which they were found to pay.
        state: with all of them applied.
        alone: every hypothesis on the untouched predictions.
        given_all: every hypothesis that was not chosen, on `state`.
        explained_by: id → id of the repair after which it had nothing left to explain.
    """

    chosen: tuple[Chosen, ...]
    state: State
    alone: dict[str, Trial]
    given_all: dict[str, Trial]
    explained_by: dict[str, str]


def select(bench: Bench, start: State, hypotheses: Sequence[Hypothesis], *, family: int) -> Selection:
    """Choose the repairs of a run.

    Args:
        bench: runs the trials.
        start: untouched predictions.
        hypotheses: early ones whose inputs are there.
        family: how many hypotheses are tested in all, for Holm's first step.
    """
    by_id = {hypothesis.id: hypothesis for hypothesis in hypotheses}
    order, discovered = list[str](), list[str]()
    state = start
    alone: dict[str, Trial] = {}
    explained_by: dict[str, str] = {}
    supported_alone: set[str] = set()
    while True:
        trials = {h.id: bench.attempt(h, state) for h in hypotheses if h.id not in order}
        holds = {id_ for id_, trial in trials.items() if is_supported(trial, family)}
        if not order:
            alone, supported_alone = trials, holds
        for id_ in supported_alone - holds - set(order) - set(explained_by):
            explained_by[id_] = order[-1]
        added = _next(bench, state, trials, family)
        if added:
            discovered += added
            order = _best_order(bench, start, [by_id[id_] for id_ in [*order, *added]])
        elif (first := _beneath(bench, start, [by_id[id_] for id_ in order], alone, family)) is not None:
            discovered.append(first)
            order = [first, *order]
        else:
            break
        state = _apply(bench, start, [by_id[id_] for id_ in order])
    order, dropped = _needed(bench, start, [by_id[id_] for id_ in order])
    if dropped:
        explained_by |= dropped
        state = _apply(bench, start, [by_id[id_] for id_ in order])
        trials = {h.id: bench.attempt(h, state) for h in hypotheses if h.id not in order}
    chosen = _told(bench, start, [by_id[id_] for id_ in order], discovered, alone)
    return Selection(
        chosen=chosen,
        state=state,
        alone=alone,
        given_all=trials,
        explained_by={id_: by for id_, by in explained_by.items() if id_ not in order},
    )


def _beneath(bench: Bench, start: State, chosen: list[Hypothesis], alone: dict[str, Trial], family: int) -> str | None:
    """Id of a cause that must be undone before those chosen so far, None where there is none.

    Pictures that are asked again bring answers of the head as it was: on top of stretched logits or renewed rows that
    undoes the repair of the head, beneath them both are mended. It has to pay by itself, too: rows that are fitted
    anew suit whatever pictures they are fitted on, better or worse.
    """
    if not chosen:
        return None
    now, best = _apply(bench, start, chosen).correct(), None
    for id_, trial in alone.items():
        if trial.hypothesis in chosen or trial.hypothesis.gain_kind != "rerun" or not _pays(trial, family):
            continue
        if _change(trial).value < trial.hypothesis.min_effect:  # less is taken of models that are hardly ever right
            continue
        after = _apply(bench, start, [trial.hypothesis, *chosen]).correct()
        score = _compare(bench, now, after)
        pays = is_material(score.change, float(now.mean())) and score.change.value >= trial.hypothesis.min_effect
        if pays and score.p * family <= ALPHA and (best is None or score.change.low > best[0]):
            best = score.change.low, id_
    return None if best is None else best[1]


def is_supported(trial: Trial, family: int) -> bool:
    """Would this trial pass as the strongest of `family` tests?"""
    if trial.measurement is None:
        return False
    _, p = effect_of(trial.measurement, trial.outcome)
    adjusted = None if p is None else min(1.0, p * family)
    return judge(trial.hypothesis, trial.measurement, trial.outcome, p_adjusted=adjusted) is Verdict.SUPPORTED


def _pays(trial: Trial, family: int) -> bool:
    if trial.outcome is None or not len(trial.outcome.before) or not is_supported(trial, family):
        return False
    return is_material(trial.outcome.score.change, float(trial.outcome.before.mean()), trial.hypothesis.min_certain)


def _next(bench: Bench, state: State, trials: dict[str, Trial], family: int) -> list[str]:
    """Ids to add: the best single repair, else the best pair, else none."""
    paying = [trial for trial in trials.values() if _pays(trial, family)]
    if paying:
        return [_first_of(paying).hypothesis.id]
    return _best_pair(bench, state, [t for t in trials.values() if t.hypothesis.pairs and not t.error], family)


def _first_of(trials: list[Trial]) -> Trial:
    """Largest lower bound; before it a cause that explains it, and within one standard error the simpler repair."""
    best = _cause_of(max(trials, key=lambda trial: _change(trial).low), trials)
    margin = (_change(best).high - _change(best).low) / 4
    close = [trial for trial in trials if _change(trial).low >= _change(best).low - margin]
    close = [trial for trial in close if trial is best or not _explains(best, trial)]
    return min(
        close, key=lambda trial: (trial.hypothesis.gain_kind != "exact", _parameters(trial), -_change(trial).low)
    )


def _cause_of(symptom: Trial, trials: list[Trial]) -> Trial:
    """The most specific cause among the trials that explains this one and gives back nearly as much."""
    best = symptom
    while True:
        causes = [t for t in trials if _explains(t, best) and _change(t).value >= NEARLY_ALL * _change(symptom).value]
        if not causes:
            return best
        best = max(causes, key=lambda trial: _change(trial).low)


def _explains(cause: Trial, symptom: Trial) -> bool:
    return symptom.hypothesis.id in cause.hypothesis.explains


def _change(trial: Trial) -> Interval:
    assert trial.outcome is not None
    return trial.outcome.score.change


def _parameters(trial: Trial) -> int:
    assert trial.outcome is not None
    return max((repair.parameters for repair in trial.outcome.repairs if repair is not None), default=0)


def _best_pair(bench: Bench, state: State, trials: list[Trial], family: int) -> list[str]:
    """Two repairs of which neither pays alone and both are needed."""
    movers = [t for t in trials if t.outcome is not None and any(repair is not None for repair in t.outcome.repairs)]
    before = state.correct()
    found: list[tuple[float, list[str]]] = []
    for first in movers:
        for second in trials:
            if second is first or second.outcome is None:
                continue
            both = _quietly(bench, second.hypothesis, first.state)
            if both is None or both is first.state:
                continue
            joint = _compare(bench, before, both.correct())
            needed = [_compare(bench, single.state.correct(), both.correct()) for single in (first, second)]
            worst = max(score.p for score in (joint, *needed)) * max(family, len(trials) ** 2)
            enough = all(is_material(score.change, float(before.mean())) for score in (joint, *needed))
            if worst <= ALPHA and enough and joint.change.value >= _WORTH_A_PAIR:
                found.append((joint.change.low, [first.hypothesis.id, second.hypothesis.id]))
    return max(found)[1] if found else []


def _quietly(bench: Bench, hypothesis: Hypothesis, state: State) -> State | None:
    try:
        return bench.undo(hypothesis, state)
    except Exception:  # its own trial reports the crash
        return None


def _compare(bench: Bench, before: np.ndarray, after: np.ndarray) -> Paired:
    return paired(before, after, bench.halves.group if bench.halves.grouped else None)


def _apply(bench: Bench, start: State, hypotheses: Sequence[Hypothesis]) -> State:
    state = start
    for hypothesis in hypotheses:
        state = bench.undo(hypothesis, state)
    return state


def _best_order(bench: Bench, start: State, hypotheses: list[Hypothesis]) -> list[str]:
    """The given order, unless another one is better beyond doubt (a repair fitted too early can be the wrong one)."""
    kept = hypotheses
    if 2 <= len(hypotheses) <= _ORDERS_TRIED_UP_TO:
        others = [list(order) for order in permutations(hypotheses) if list(order) != hypotheses]
        kept = _better(bench, start, hypotheses, others)
    elif len(hypotheses) > _ORDERS_TRIED_UP_TO:
        *earlier, new = hypotheses
        others = [[*earlier[:place], new, *earlier[place:]] for place in range(len(earlier))]
        kept = _better(bench, start, hypotheses, others)
    return [hypothesis.id for hypothesis in kept]


def _better(bench: Bench, start: State, given: list[Hypothesis], others: list[list[Hypothesis]]) -> list[Hypothesis]:
    best, best_correct = given, _apply(bench, start, given).correct()
    for order in others:
        correct = _apply(bench, start, order).correct()
        score = _compare(bench, best_correct, correct)
        if score.change.low > 0 and score.p * len(others) <= ALPHA:
            best, best_correct = order, correct
    return best


def _needed(bench: Bench, start: State, hypotheses: list[Hypothesis]) -> tuple[list[str], dict[str, str]]:
    """Leave out, one by one, what the others do as well without it."""
    kept, dropped = list(hypotheses), {}
    for hypothesis in hypotheses:
        others = [other for other in kept if other is not hypothesis]
        if not others:
            break
        full, without = _apply(bench, start, kept).correct(), _apply(bench, start, others).correct()
        if not is_material(_compare(bench, without, full).change, float(without.mean())):
            kept = others
            dropped[hypothesis.id] = others[-1].id
    return [hypothesis.id for hypothesis in kept], dropped


def _told(
    bench: Bench, start: State, applied: list[Hypothesis], discovered: Sequence[str], alone: dict[str, Trial]
) -> tuple[Chosen, ...]:
    """The chosen repairs in the order in which they were found to pay, each with its gain given the ones before.

    They are applied in their own order, whatever the order of telling. One that pays only together with a later one
    gets the gain it has with all the others in place.
    """
    chosen: list[Chosen] = []
    told: list[Hypothesis] = []
    for hypothesis in sorted(applied, key=lambda one: discovered.index(one.id)):
        told = [one for one in applied if one is hypothesis or one in told]
        place = told.index(hypothesis)
        beneath = _apply(bench, start, told[:place])
        trial = alone[hypothesis.id] if len(told) == 1 else bench.attempt(hypothesis, beneath)
        assert trial.outcome is not None
        gain = trial.outcome.score.change
        if place < len(told) - 1:
            trial, gain = _with_the_others(bench, start, told, trial)
        given = tuple(one.id for one in told if one is not hypothesis)
        assert trial.outcome is not None
        if not is_material(gain, float(trial.outcome.before.mean())):
            trial, gain = _with_the_others(bench, start, applied, trial)
            given = tuple(one.id for one in applied if one is not hypothesis)
        accuracy = float(_apply(bench, start, told).correct().mean())
        chosen.append(Chosen(trial=trial, gain=gain, given=given, accuracy_after=accuracy))
    return tuple(chosen)


def _with_the_others(bench: Bench, start: State, hypotheses: list[Hypothesis], trial: Trial) -> tuple[Trial, Interval]:
    """The trial measured again with all the other repairs in place."""
    assert trial.outcome is not None
    without = _apply(bench, start, [other for other in hypotheses if other is not trial.hypothesis])
    full = _apply(bench, start, hypotheses)
    was, now = without.correct(), full.correct()
    score = _compare(bench, was, now)
    outcome = replace(trial.outcome, before=was, after=now, predicted_after=full.predicted(), score=score)
    measurement = trial.hypothesis.measure(bench.view(without), outcome)
    return replace(trial, outcome=outcome, measurement=measurement), score.change
