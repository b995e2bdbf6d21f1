"""Trying one hypothesis on the predictions as repaired so far: fit on one half, score on the other, both ways."""

import time
import traceback
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.diagnosis.halves import Halves
from analysis.diagnosis.hypothesis import Hypothesis, Measurement, Outcome
from analysis.diagnosis.predictions import Predictions, join
from analysis.diagnosis.repairs import Regroup, Repair
from analysis.diagnosis.significance import paired
from analysis.diagnosis.view import View
from analysis.runs.run import Run

_KEPT = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Predictions of all N samples under the repairs fitted on the first half, and under those fitted on the second.

    A sample is judged by the repairs of the half it does not belong to.
    """

    fitted_on_first: Predictions
    fitted_on_second: Predictions
    halves: Halves

    def correct(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """(N,) True where the held-out answer is right."""
        return np.where(self.halves.second, self.fitted_on_first.correct, self.fitted_on_second.correct)

    def predicted(self) -> IntArray:
        """(N,) held-out class."""
        return np.where(self.halves.second, self.fitted_on_first.predicted, self.fitted_on_second.predicted)

    def joined(self, classes: int) -> Predictions:
        """Held-out candidates of every sample, named by class."""
        return join((self.fitted_on_second, self.fitted_on_first), self.halves.second, classes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """What came of trying a hypothesis in a state."""

    hypothesis: Hypothesis
    measurement: Measurement | None
    outcome: Outcome | None
    state: State  # with the repair applied
    seconds: float
    error: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Bench:
    """Runs trials on one run and keeps what they may share."""

    run: Run
    halves: Halves
    _kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    _last_joined: tuple[State, Predictions] | None = None
    _last_regrouped: tuple[State, dict[bytes, Regroup | None]] | None = None
    _undone: dict[tuple[int, int], tuple[Hypothesis, State, Outcome, State]] = field(default_factory=dict)

    def attempt(self, hypothesis: Hypothesis, state: State) -> Trial:
        """Fit, score and measure; a crash becomes part of the result."""
        start = time.perf_counter()
        measurement, outcome, after, error = None, None, state, None
        try:
            if hypothesis.what_if is not None:
                outcome, after = self._undo(hypothesis, state)
            measurement = hypothesis.measure(self.view(state), outcome)
        except Exception as problem:
            where = traceback.extract_tb(problem.__traceback__)[-1]
            error = f"{type(problem).__name__}: {problem} ({where.name}, line {where.lineno})"
            measurement, outcome, after = None, None, state
        seconds = time.perf_counter() - start
        return Trial(
            hypothesis=hypothesis, measurement=measurement, outcome=outcome, state=after, seconds=seconds, error=error
        )

    def undo(self, hypothesis: Hypothesis, state: State) -> State:
        """The state with one more repair."""
        return self._undo(hypothesis, state)[1]

    def view(self, state: State) -> View:
        """All samples, each under the repairs that were not fitted on it."""
        predictions = self._joined(state)
        return View(
            run=self.run,
            predictions=predictions,
            rows=np.arange(len(predictions)),
            second=self.halves.second,
            kept=self._kept.setdefault("all", {}),
            shared=self._kept.setdefault("shared", {}),
            regroup=None if state.fitted_on_first is state.fitted_on_second else partial(self._regrouped, state),
        )

    def _regrouped(self, state: State, groups: BoolArray) -> Regroup | None:
        """Candidates of every sample by two groups of classes, (C,), named by class as those of `view` are."""
        if self._last_regrouped is None or self._last_regrouped[0] is not state:
            self._last_regrouped = state, {}
        kept = self._last_regrouped[1]
        if groups.tobytes() not in kept:
            halves = [self._asked_again(one, groups) for one in (state.fitted_on_second, state.fitted_on_first)]
            made = None
            if halves[0] is not state.fitted_on_second or halves[1] is not state.fitted_on_first:
                joined = join((halves[0], halves[1]), self.halves.second, len(self.run.class_names))
                made = Regroup(index=joined.index, logit=joined.logit, logsumexp=joined.logsumexp)
            kept[groups.tobytes()] = made
        return kept[groups.tobytes()]

    def _asked_again(self, predictions: Predictions, groups: BoolArray) -> Predictions:
        """The same with candidates by groups of classes, where those stored may lack the best of one."""
        known = predictions.column_class
        view = View(
            run=self.run,
            predictions=predictions,
            rows=np.arange(len(predictions)),
            second=self.halves.second,
            shared=self._kept.setdefault("shared", {}),
        )
        regroup = view.regrouped((known >= 0) & groups[np.maximum(known, 0)])
        return predictions if regroup is None else regroup.apply(predictions)

    def _joined(self, state: State) -> Predictions:
        if self._last_joined is None or self._last_joined[0] is not state:
            self._last_joined = (state, state.joined(len(self.run.class_names)))
        return self._last_joined[1]

    def _fit_view(self, predictions: Predictions, *, second: bool) -> View:
        rows = np.flatnonzero(self.halves.second == second)
        return View(
            run=self.run,
            predictions=predictions.at(rows),
            rows=rows,
            second=np.full(len(rows), second),
            kept=self._kept.setdefault("second" if second else "first", {}),
            shared=self._kept.setdefault("shared", {}),
        )

    def _undo(self, hypothesis: Hypothesis, state: State) -> tuple[Outcome, State]:
        """Chains of repairs are tried again and again from the same start: the latest results are kept."""
        key = id(hypothesis), id(state)  # both are kept alive with the result, so no id is used twice
        if key not in self._undone:
            self._undone[key] = hypothesis, state, *self._fit_and_score(hypothesis, state)
            while len(self._undone) > _KEPT:
                del self._undone[next(iter(self._undone))]
        return self._undone[key][2:]

    def _fit_and_score(self, hypothesis: Hypothesis, state: State) -> tuple[Outcome, State]:
        assert hypothesis.what_if is not None
        repairs = (
            hypothesis.what_if(self._fit_view(state.fitted_on_first, second=False)),
            hypothesis.what_if(self._fit_view(state.fitted_on_second, second=True)),
        )
        after = State(
            fitted_on_first=_applied(repairs[0], state.fitted_on_first),
            fitted_on_second=_applied(repairs[1], state.fitted_on_second),
            halves=self.halves,
        )
        was, now = state.correct(), after.correct()
        group = self.halves.group if self.halves.grouped else None
        outcome = Outcome(
            before=was, after=now, predicted_after=after.predicted(), score=paired(was, now, group), repairs=repairs
        )
        return outcome, after


def _applied(repair: Repair | None, predictions: Predictions) -> Predictions:
    return predictions if repair is None else repair.apply(predictions)
