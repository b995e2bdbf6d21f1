"""The head was trained on the features of another backbone: its rows point nowhere in this one's."""

import numpy as np

from analysis.diagnosis.alignment import Alignment, alignment
from analysis.diagnosis.fresh_rows import fresh_rows_of
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.random_layers import has_random_layers
from analysis.diagnosis.refitted_head import refitted_head
from analysis.diagnosis.repairs import Repair, ReplaceRows
from analysis.diagnosis.view import View

_TIMES_BETTER = 5  # a head of this backbone must be right this much more often
_LEAST = 0.05
_PER_CLASS = 4  # samples, so that either half has two


def what_if(view: View) -> Repair | None:
    """A head fitted on these samples' embeddings, where the rows in use point at no class and are no fresh ones."""
    head = view.run.head
    if (
        head is None
        or has_random_layers(view.run)
        or view.predictions.accuracy * _TIMES_BETTER > 1
        or not view.head_gives_the_logits()
    ):
        return None
    found = _alignment(view)
    if found is None or not found.is_absent or _untrained(view):
        return None
    classes, weight, bias = refitted_head(view.embeddings, view.label)
    column_of = np.full(view.classes, -1, dtype=np.int64)
    known = view.predictions.column_class
    column_of[known[known >= 0]] = np.flatnonzero(known >= 0)
    has_column = column_of[classes] >= 0
    columns = column_of[classes[has_column]]
    bias = bias[has_column] - view.predictions.column_offset[columns]
    return ReplaceRows(
        embeddings=view.all_embeddings,
        weight=weight[has_column],
        bias=bias.astype(np.float32),
        columns=columns,
        parameters=int(weight.size),
    )


def _alignment(view: View) -> Alignment | None:
    assert view.run.head is not None
    weight = view.run.head[0]
    if len(weight) != view.predictions.columns:
        return None
    return alignment(view.embeddings, view.label, weight, view.predictions.column_class)


def _untrained(view: View) -> bool:
    """Do rows follow a law that rows are drawn from? Then they were never trained on any network."""
    found = fresh_rows_of(view)
    return 2 * len(found.fresh) > len(found.group)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Cosine of class means with their own rows, and accuracy of a head fitted on the other half."""
    assert outcome is not None
    before, after = float(outcome.before.mean()), float(outcome.after.mean())
    refitted = any(repair is not None for repair in outcome.repairs)
    works = before * _TIMES_BETTER > 1
    found = None if works else _alignment(view)
    support = np.bincount(view.label)
    per_class = float(np.median(support[support > 0])) if len(view) else 0.0
    enough = per_class >= _PER_CLASS
    return Measurement(
        summary=(
            f"The head's rows point at no class of this backbone's features (mean cosine {_cosine(found)}), yet a head "
            f"fitted on half of the samples is right in {100 * after:.1f} % of the others, the head in use in "
            f"{100 * before:.1f} %: features are fine, the head belongs to another network."
        ),
        denial=_denial(
            found, before, works=works, refitted=refitted, after=after, random_layers=has_random_layers(view.run)
        ),
        n=len(view),
        ceiling=0.0 if works or (enough and not (refitted and after >= _TIMES_BETTER * before)) else None,
        abstain=None if enough else f"a median of {per_class:.0f} samples a class, {_PER_CLASS} are needed",
        evidence=_evidence(found, before, after if refitted else None, len(view)),
        snippet=_snippet(view) if refitted else None,
    )


def _cosine(found: Alignment | None) -> str:
    return "unknown" if found is None else f"{found.own:.2f}"


def _denial(
    found: Alignment | None, before: float, *, works: bool, refitted: bool, after: float, random_layers: bool
) -> str:
    if works:
        return f"The head is right in {100 * before:.1f} % of the samples, so it reads this backbone's features."
    if refitted:
        return (
            f"A head fitted on half of the samples is right in {100 * after:.1f} % of the others, the one in use in "
            f"{100 * before:.1f} %: the features themselves are weak."
        )
    if random_layers:
        return "Some layers below the head hold random numbers, so no head fits its features until they are loaded."
    return (
        f"The head's rows belong to these features: mean cosine with their own class {_cosine(found)}, with the best "
        f"class {'unknown' if found is None else f'{found.best:.2f}'}; or they were never trained."
    )


def _evidence(found: Alignment | None, before: float, after: float | None, n: int) -> tuple[Evidence, ...]:
    numbers = [
        Evidence(name="accuracy now", value=before, unit="fraction", n=n),
        Evidence(
            name="accuracy of a head fitted on the other half",
            value=after,
            threshold=_TIMES_BETTER * before,
            unit="fraction",
            n=n,
        ),
    ]
    if found is not None:
        numbers += [
            Evidence(name="mean cosine of class means and their rows", value=found.own, unit="cosine", n=n),
            Evidence(
                name="mean cosine of class means and the best row",
                value=found.best,
                threshold=found.chance + found.margin,
                unit="cosine",
                n=n,
            ),
        ]
    return tuple(numbers)


def _snippet(view: View) -> str:
    checkpoint = str((((view.run.meta.get("spec") or {}).get("model") or {}).get("checkpoint")) or "checkpoint.pth")
    name = str(((view.run.meta.get("model") or {}).get("head") or {}).get("name") or "head")
    file = checkpoint.rsplit("/", 1)[-1]
    return (
        f"# Load backbone and head from one checkpoint ({file} mixes two), or fit the head anew:\n"
        f'for name, p in model.named_parameters():\n    p.requires_grad = name.startswith("{name}.")\n'
    )


HYPOTHESIS = Hypothesis(
    id="head_backbone_mismatch",
    title="The head belongs to another backbone",
    chapter="head",
    claim="the head was trained on the features of another network",
    lane=Lane.GAIN,
    gain_kind="fit",
    stage=Stage.EARLY,
    needs=("samples", "head", "embeddings"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=200,
    explains=("index_map_scrambled", "index_offset", "logit_group_bias", "logit_scale_mismatch"),
    look_alikes=("index_map_scrambled", "new_head_untrained", "checkpoint_load_partial", "backbone_forgetting"),
    fix="Load backbone and head from the same checkpoint; where that is lost, fit the head anew on this backbone.",
    source="Papyan et al. 2020, arXiv 2008.08186; Friedman 1989 (shrunken discriminant analysis)",
)
