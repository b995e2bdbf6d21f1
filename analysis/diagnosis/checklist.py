"""Tests every hypothesis on a run and ranks what holds; a crash in one becomes a finding and the others go on."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.arrays import AnyArray
from analysis.diagnosis.explaining_away import NEARLY_ALL, Selection, is_supported, select
from analysis.diagnosis.finding import NO_FAULT, Accuracy, Diagnosis, Finding
from analysis.diagnosis.halves import halves_of
from analysis.diagnosis.hypothesis import Hypothesis, Lane, Stage, Verdict
from analysis.diagnosis.inputs import Input, missing
from analysis.diagnosis.ladder import ladder_of
from analysis.diagnosis.predictions import Predictions
from analysis.diagnosis.significance import holm
from analysis.diagnosis.telling import Told, finding_of, not_testable
from analysis.diagnosis.trial import Bench, State, Trial
from analysis.diagnosis.verdicts import effect_of
from analysis.runs.run import Run

Progress = Callable[[int, int, str], None]  # done, total, what is being tested


def diagnose(run: Run, *, hypotheses: Sequence[Hypothesis], progress: Progress | None = None) -> Diagnosis:
    """Test every hypothesis on a run.

    Args:
        run: N samples; what it does not hold makes hypotheses "not testable".
        hypotheses: usually `analysis.hypotheses.all_hypotheses()`.
        progress: called before each part with (done, total, text).
    """
    begun = time.perf_counter()
    absent = {h.id: missing(h.needs, run) for h in hypotheses}
    testable = [h for h in hypotheses if not absent[h.id]]
    split = halves_of(run)
    predictions = predictions_of(run)
    start = State(fitted_on_first=predictions, fitted_on_second=predictions, halves=split)
    bench = Bench(run=run, halves=split)
    precluded = _precluded(bench, start, testable)
    repairs = [h for h in testable if h.stage is Stage.EARLY and h.what_if is not None and h.id not in precluded]
    others = [h for h in testable if h not in repairs]
    _say(progress, 0, len(others) + 1, "causes that can be undone")
    selection = select(bench, start, repairs, family=max(1, len(testable)))
    trials: dict[str, Trial] = selection.given_all | {item.id: item.trial for item in selection.chosen}
    for done, hypothesis in enumerate(others, start=1):
        _say(progress, done, len(others) + 1, hypothesis.title)
        state = start if hypothesis.stage is Stage.EARLY else selection.state
        trials[hypothesis.id] = bench.attempt(hypothesis, state)
    explains = {h.id: h.explains for h in hypotheses}
    findings = _ranked(_findings(hypotheses, absent, trials, selection, precluded), selection, explains)
    _say(progress, len(others) + 1, len(others) + 1, "ranking")
    seconds = time.perf_counter() - begun
    return _diagnosis(run, start, selection, findings=findings, trials=trials, seconds=seconds)


def _precluded(bench: Bench, start: State, testable: Sequence[Hypothesis]) -> dict[str, str]:
    """Ids of causes that nothing can be said of, and the id of the cause that holds instead."""
    found: dict[str, str] = {}
    for hypothesis in testable:
        if hypothesis.precludes and len(start.fitted_on_first):
            trial = bench.attempt(hypothesis, start)
            costs = trial.measurement is not None and trial.measurement.lane is None
            if costs and is_supported(trial, len(testable)):
                found |= dict.fromkeys(hypothesis.precludes, hypothesis.id)
    return found


def predictions_of(run: Run) -> Predictions:
    """Stored candidates of a run before any repair; none for a run that holds weights alone."""
    if not run.has_samples:
        none = np.zeros((0, 1))
        return Predictions.of_candidates(
            none.astype(np.int32), none.astype(np.float32), np.zeros(0, dtype=np.int64), run.outputs
        )
    index, logit = run.topk()
    return Predictions.of_candidates(index, logit, run.column("label_index"), run.outputs, run.column("logsumexp"))


def _say(progress: Progress | None, done: int, total: int, text: str) -> None:
    if progress is not None:
        progress(done, total, text)


def _findings(
    hypotheses: Sequence[Hypothesis],
    absent: dict[str, tuple[Input, ...]],
    trials: dict[str, Trial],
    selection: Selection,
    precluded: dict[str, str],
) -> list[Finding]:
    p = {id_: _p(trial) for id_, trial in trials.items()}
    with_p = [id_ for id_, value in p.items() if value is not None]
    adjusted = dict(zip(with_p, holm([p[id_] or 0.0 for id_ in with_p]), strict=True))
    chosen = {item.id: item for item in selection.chosen}
    titles = {h.id: h.title for h in hypotheses}
    found = []
    for hypothesis in hypotheses:
        if absent[hypothesis.id]:
            found.append(not_testable(hypothesis, absent[hypothesis.id]))
            continue
        by = precluded.get(hypothesis.id) or selection.explained_by.get(hypothesis.id)
        told = Told(
            trial=trials[hypothesis.id],
            p=p[hypothesis.id],
            p_adjusted=adjusted.get(hypothesis.id),
            chosen=chosen.get(hypothesis.id),
            alone=selection.alone.get(hypothesis.id),
            explained_by=by,
            explained_by_title=titles.get(by or "", ""),
            is_precluded=hypothesis.id in precluded,
        )
        found.append(finding_of(told))
    return found


def _p(trial: Trial) -> float | None:
    return None if trial.measurement is None else effect_of(trial.measurement, trial.outcome)[1]


_LANES = (Lane.GAIN, Lane.BOUND, Lane.VALIDITY, Lane.NOTE)
_VERDICTS = (Verdict.SUPPORTED, Verdict.INCONCLUSIVE, Verdict.REFUTED, Verdict.NOT_TESTABLE, Verdict.ERRORED)


def _ranked(
    findings: list[Finding], selection: Selection, explains: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """Supported gains in the order chosen, bounds by lower bound, validity, notes; then what did not hold.

    A bound that explains a gain goes before it where it surely costs nearly as much beside that repair: what the
    repair gives back is then a part of what the cause took.
    """
    place = {item.id: i for i, item in enumerate(selection.chosen)}

    def key(finding: Finding) -> tuple[int, int, float, float]:
        if finding.verdict is not Verdict.SUPPORTED:
            return _VERDICTS.index(finding.verdict), 0, 0, 0.0
        low = finding.gain.low if finding.gain else 0.0
        if finding.lane is Lane.BOUND:
            symptoms = [i for i in selection.chosen if i.id in explains[finding.id]]
            before = [place[i.id] for i in symptoms if low >= NEARLY_ALL * i.gain.value]
            if before:
                return 0, _LANES.index(Lane.GAIN), min(before) - 0.5, -low
        return 0, _LANES.index(finding.lane), place.get(finding.id, len(place)), -low

    return tuple(replace(finding, rank=rank) for rank, finding in enumerate(sorted(findings, key=key), start=1))


def _diagnosis(
    run: Run,
    start: State,
    selection: Selection,
    *,
    findings: tuple[Finding, ...],
    trials: dict[str, Trial],
    seconds: float,
) -> Diagnosis:
    worth = [f for f in findings if f.verdict is Verdict.SUPPORTED and f.lane in (Lane.GAIN, Lane.BOUND)]
    predictions = start.fitted_on_first
    findings, rungs = ladder_of(findings, selection, predictions.accuracy if len(predictions) else None)
    columns: dict[str, AnyArray] = {
        "prediction_repaired_index": selection.state.predicted(),
        "correct_repaired": selection.state.correct(),
    }
    for trial in trials.values():
        columns |= trial.measurement.columns if trial.measurement is not None else {}
    tables = {id_: trial.measurement.table for id_, trial in trials.items() if trial.measurement is not None}
    pointing = {f.id for f in findings if f.verdict in (Verdict.SUPPORTED, Verdict.INCONCLUSIVE)}
    return Diagnosis(
        findings=findings,
        accuracy=_accuracy(run, predictions),
        leading=worth[0].id if worth else NO_FAULT,
        ladder=rungs,
        repaired_prediction=selection.state.predicted(),
        repaired_correct=selection.state.correct(),
        evidence={id_: table for id_, table in tables.items() if table is not None and len(table) and id_ in pointing},
        tables={id_: dict(t.measurement.tables) for id_, t in trials.items() if t.measurement and t.measurement.tables},
        notices=tuple(f.summary for f in findings if f.verdict is Verdict.SUPPORTED and f.lane is Lane.VALIDITY),
        columns=columns,
        seconds=seconds,
    )


def _accuracy(run: Run, predictions: Predictions) -> Accuracy:
    n, correct = len(predictions), predictions.correct
    classes = int(run.meta.get("classes_in_list") or len(run.class_names))
    overall, chance = (float(correct.mean()) if n else None), (1 / classes if classes else None)
    before = _baseline_old(run)
    if run.is_old is None:
        return Accuracy(
            overall=overall, old=None, new=None, chance=chance, n=n, n_old=None, n_new=None, baseline_old=before
        )
    old = run.is_old[predictions.label]
    return Accuracy(
        overall=overall,
        old=float(correct[old].mean()) if old.any() else None,
        new=float(correct[~old].mean()) if (~old).any() else None,
        chance=chance,
        n=n,
        n_old=int(old.sum()),
        n_new=int((~old).sum()),
        baseline_old=before,
    )


def _baseline_old(run: Run) -> float | None:
    """Accuracy of the model before the expansion on samples of old classes (all it knows, without a split)."""
    rows, baseline = run.baseline_rows, run.baseline
    if baseline is None or not len(rows):
        return None
    correct = baseline.column("correct")
    if run.is_old is not None:
        correct = correct[run.is_old[run.column("label_index")[rows]]]
    return float(correct.mean()) if len(correct) else None
