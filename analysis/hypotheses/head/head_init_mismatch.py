"""The new classes' rows started on another scale than the trained ones beside them."""

import math

import numpy as np

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.fresh_rows import FreshRows, fresh_rows_of, new_columns
from analysis.diagnosis.head_snippets import head_name
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_FACTOR = math.log(2)
_FIRST = 1  # epochs or steps within which a logged loss is that of the start


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Scale of fresh new rows against the old ones, and the first logged loss against that of guessing."""
    assert view.run.head is not None
    weight, bias = view.run.head
    new, found = new_columns(view), fresh_rows_of(view)
    old = np.setdiff1d(np.arange(len(weight)), new)
    fresh = np.intersect1d(new, found.fresh)
    ratio = _log_ratio(weight, fresh if len(fresh) else new, old)
    loss = _first_loss(view)
    guess = math.log(max(2, view.run.outputs))
    excess = math.log(loss / guess) if loss else 0.0
    effect = max(abs(ratio) if len(fresh) and ratio is not None else 0.0, excess)
    return Measurement(
        summary=_summary(view, found, ratio, fresh, loss),
        denial=_denial(ratio, fresh, loss, guess),
        n=int((len(new) + len(old)) * weight.shape[1]),
        effect=Interval.exactly(effect),
        abstain=None if len(new) and len(old) else "there are no old rows beside new ones",
        evidence=_evidence(view, ratio, fresh, bias, (old, new), loss, guess),
        snippet=_snippet(view) if effect >= _FACTOR else None,
    )


def _log_ratio(weight: FloatArray, new: IntArray, old: IntArray) -> float | None:
    """The logarithm of the new rows' standard deviation over the old rows'; None where one of them is 0 or unknown."""
    first, second = _std(weight, new), _std(weight, old)
    return math.log(first / second) if first and second else None


def _std(weight: FloatArray, rows: IntArray) -> float:
    some = weight[rows[:: max(1, len(rows) // 4096)]]
    finite = some[np.isfinite(some).all(axis=1)]
    return float(np.std(finite, dtype=np.float64)) if finite.size else 0.0


def _first_loss(view: View) -> float | None:
    """The training loss logged within the first epoch or step."""
    log = view.run.training_log
    if log is None or "train_loss" not in log or not len(log):
        return None
    first = log.iloc[0]
    begun = [float(first[name]) for name in ("step", "epoch") if name in log and np.isfinite(first[name])]
    value = float(first["train_loss"])
    return value if begun and min(begun) <= _FIRST and math.isfinite(value) and value > 0 else None


def _evidence(  # noqa: PLR0917
    view: View,
    ratio: float | None,
    fresh: IntArray,
    bias: FloatArray,
    groups: tuple[IntArray, IntArray],
    loss: float | None,
    guess: float,
) -> tuple[Evidence, ...]:
    old, new = groups
    rows = len(old) + len(new)
    apart = float(np.nanmean(bias[new]) - np.nanmean(bias[old])) if len(old) and len(new) else None
    factor = None if ratio is None else math.exp(ratio)
    return (
        Evidence(name="new rows' spread over the old rows'", value=factor, threshold=2.0, unit="factor", n=rows),
        Evidence(name="new rows that look as drawn", value=float(len(fresh)), unit="count", n=len(new)),
        Evidence(name="mean bias of the new rows minus the old ones'", value=apart, unit="logits", n=rows),
        Evidence(name="first logged training loss", value=loss, threshold=2 * guess, unit="nats", n=1),
    )


def _summary(view: View, found: FreshRows, ratio: float | None, fresh: IntArray, loss: float | None) -> str:
    parts = []
    if len(fresh) and ratio is not None and abs(ratio) >= _FACTOR:
        how = "wider" if ratio > 0 else "narrower"
        parts.append(
            f"the {len(fresh):,} new rows still are as drawn ({found.law}), with values spread "
            f"{math.exp(abs(ratio)):.1f} times {how} than the trained old rows'"
        )
    guess = math.log(max(2, view.run.outputs))
    if loss is not None and loss >= 2 * guess:
        parts.append(f"training began at a loss of {loss:.1f} where guessing gives {guess:.1f}")
    return f"New and old rows did not start alike: {' and '.join(parts)}."


def _denial(ratio: float | None, fresh: IntArray, loss: float | None, guess: float) -> str:
    began = "" if loss is None else f"; training began at a loss of {loss:.1f}, guessing gives {guess:.1f}"
    if len(fresh) and ratio is not None:
        return f"Fresh and trained rows are alike in scale (factor {math.exp(ratio):.2f}){began}."
    scale = "" if ratio is None else f" (their spread is now {math.exp(ratio):.2f} times the old rows')"
    return f"The new rows have been trained, so how they started no longer matters{scale}{began}."


def _snippet(view: View) -> str:
    return (
        f'head = model.get_submodule("{head_name(view.run)}")\n'
        "with torch.no_grad():  # old, new: rows of the head\n"
        "    mean, std = head.weight[old].mean(0), head.weight[old].std(0)\n"
        "    head.weight[new] = mean + std * torch.randn_like(head.weight[new])\n"
        "    head.bias[new] = head.bias[old].mean() - 5\n"
    )


HYPOTHESIS = Hypothesis(
    id="head_init_mismatch",
    title="New rows start on another scale",
    chapter="head",
    claim="the new classes' rows were initialised on another scale than the trained ones",
    lane=Lane.NOTE,
    gain_kind="none",
    stage=Stage.EARLY,
    needs=("head", "split|baseline_head"),
    measure=measure,
    min_effect=_FACTOR,
    n_min=128,
    look_alikes=("new_head_untrained", "logit_scale_mismatch"),
    fix=(
        "Draw the new rows with the old rows' mean and spread and start their biases lower (mean old bias − 5), or "
        "start from class means; then train."
    ),
    source="Loss of a fresh head is ln C; laws of torch.nn.init",
)
