"""Rows of the head are still as they were drawn: training never reached them, or they were saved before it did."""

import numpy as np
import pandas as pd

from analysis.diagnosis.fresh_rows import FreshRows, fresh_rows_of
from analysis.diagnosis.head_snippets import head_name
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.imprinting import imprinted
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.verdicts import is_material
from analysis.diagnosis.view import View

_ROWS = 20
_SHARE = 0.5
_DIMS = 64
_NAMED = 5


def what_if(view: View) -> Repair | None:
    """Rows fitted on these samples instead of the fresh ones, and one constant beside the trained rows."""
    found = fresh_rows_of(view)
    if not len(found.fresh) or not len(view) or not view.head_gives_the_logits():
        return None
    return imprinted(view, found.fresh)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """How many rows follow a law of initialisation, alone and together, and what rows fitted on half the samples do."""
    assert outcome is not None
    assert view.run.head is not None
    found, head = fresh_rows_of(view), view.run.head
    gains = bool(len(view)) and is_material(outcome.score.change, float(outcome.before.mean()))
    return Measurement(
        summary=_summary(view, found, outcome if gains else None),
        denial=_denial(found),
        n=found.group.size * head[0].shape[1],
        effect=Interval.exactly(max(found.share, _SHARE if len(found.fresh) >= _ROWS else 0.0)),
        abstain=None if found.enough or len(found.fresh) else _too_few(found, head[0].shape[1]),
        lane=None if gains else Lane.NOTE,
        evidence=_evidence(found, outcome),
        tables={"rows": _rows(view, found)},
        snippet=_snippet(view) if len(found.fresh) else None,
    )


def _too_few(found: FreshRows, dims: int) -> str:
    return f"{len(found.group):,} rows of {dims:,} values are too few to tell drawn values from trained ones"


def _summary(view: View, found: FreshRows, paid: Outcome | None) -> str:
    names = view.run.class_names
    shown = ", ".join(f"“{names[column]}”" for column in found.fresh[:_NAMED])
    more = f" and {len(found.fresh) - _NAMED:,} more" if len(found.fresh) > _NAMED else ""
    text = (
        f"{len(found.fresh):,} of {len(found.group):,} rows of the head were never trained: their values still are as "
        f"drawn ({found.law}), for {shown}{more}."
    )
    if paid is None:
        return text
    return (
        f"{text} With rows fitted on half of the samples {100 * paid.after.mean():.1f} % of the others are right "
        f"instead of {100 * paid.before.mean():.1f} %; real training should do better."
    )


def _denial(found: FreshRows) -> str:
    if found.foreign:
        return (
            f"{found.suspects:,} of {len(found.group):,} rows look like values just drawn, by accident: those beside "
            "them do not, and point at no class either, so the whole head belongs to other features."
        )
    pointing = "" if found.cosine is None else f", and those point at their classes (cosine {found.cosine:.2f})"
    return (
        f"The head's rows were trained: {found.suspects:,} of {len(found.group):,} look like values just drawn"
        f"{pointing if found.suspects else ''}."
    )


def _evidence(found: FreshRows, outcome: Outcome) -> tuple[Evidence, ...]:
    rows = len(found.group)
    return (
        Evidence(name="rows that look as drawn", value=found.share, threshold=_SHARE, unit="fraction", n=rows),
        Evidence(name="rows that follow a law one by one", value=float(found.suspects), unit="count", n=rows),
        Evidence(name="standard deviation of these rows' values", value=found.std, unit="weights", n=rows),
        Evidence(
            name="cosine of these rows with their classes' mean embeddings",
            value=found.cosine,
            threshold=0.1,
            unit="cosine",
            n=found.suspects,
        ),
        Evidence(
            name="accuracy with fitted rows, on held-out samples",
            value=float(outcome.after.mean()) if len(outcome.after) else None,
            unit="fraction",
            n=len(outcome.after),
        ),
    )


def _rows(view: View, found: FreshRows) -> pd.DataFrame:
    """Length of every row of the head and which were never trained: the picture is two heaps."""
    assert view.run.head is not None
    weight = view.run.head[0]
    fresh = np.zeros(len(weight), dtype=np.bool_)
    fresh[found.fresh] = True
    norm = np.sqrt(np.einsum("ij,ij->i", weight, weight))
    return pd.DataFrame({"class_index": np.arange(len(weight)), "norm": norm, "fresh": fresh})


def _snippet(view: View) -> str:
    head = head_name(view.run)
    return (
        "# were these rows in the optimiser? build it after the head was put in\n"
        f'head = model.get_submodule("{head}")\n'
        "trained = {id(p) for group in optimizer.param_groups for p in group['params']}\n"
        "print(head.weight.requires_grad, id(head.weight) in trained)\n"
    )


HYPOTHESIS = Hypothesis(
    id="new_head_untrained",
    title="Rows of the head were never trained",
    chapter="head",
    claim="the new classes' rows still are the random numbers they were drawn as",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("head",),
    measure=measure,
    what_if=what_if,
    min_effect=_SHARE,
    n_min=2 * _DIMS,
    pairs=True,
    explains=("logit_group_bias", "logit_scale_mismatch", "head_rows_degenerate", "head_backbone_mismatch"),
    look_alikes=("logit_group_bias", "ema_raw_mismatch", "head_backbone_mismatch"),
    fix=(
        "Train these rows: make sure they are in the optimiser (built after the head was put in) and need gradients, "
        "and that the checkpoint was saved after training. Rows fitted on labelled pictures can stand in till then."
    ),
    source="Laws of torch.nn.init; Kolmogorov 1933; Qi et al. 2018, arXiv 1712.07136 (imprinting)",
)
