"""Some layers hold random numbers: their weights were never loaded, while the others were."""

import pandas as pd

from analysis.diagnosis.head_snippets import checkpoint_name
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.random_layers import Layers, layers_of
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.view import View

_WORTH_A_BOUND = 0.03  # accuracy on old classes below the old model's
_NAMED = 3


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Layers unrelated to the baseline among others that come from it, and layers that look as drawn."""
    layers = layers_of(view.run)
    count, size = len(layers.random), len(layers.table)
    bound = _bound(view)
    return Measurement(
        summary=_summary(view, layers),
        denial=_denial(layers),
        n=size,
        effect=Interval.exactly(count),
        abstain=None if size else "no weight outside the head has 1,000 values or more",
        lane=Lane.NOTE if bound is None else None,
        gain=bound,
        evidence=_evidence(view, layers),
        tables={"layers": layers.table.reset_index(drop=True)} if size else {},
        snippet=_snippet(view, layers) if count else None,
    )


def _bound(view: View) -> Interval | None:
    """At most all errors; at least what the old model had on the old classes. None where nothing is lost or known."""
    if not len(view):
        return None
    correct = view.predictions.correct
    missing = 1.0 - float(correct.mean())
    low, rows, baseline = 0.0, view.run.baseline_rows, view.run.baseline
    if baseline is not None and len(rows):
        lost = float(baseline.column("correct").mean()) - float(correct[rows].mean())
        if lost < _WORTH_A_BOUND:
            return None
        low = lost * len(rows) / len(correct)
    return Interval(value=max(missing, low), low=low, high=max(missing, low))


def _evidence(view: View, layers: Layers) -> tuple[Evidence, ...]:
    size = len(layers.table)
    report = (view.run.meta.get("model") or {}).get("load_report") or {}
    left_out = len(report.get("left_out") or ()) + len(report.get("unexpected") or ())
    return (
        Evidence(
            name="layers that hold random numbers", value=float(len(layers.random)), threshold=1.0, unit="count", n=size
        ),
        Evidence(name="layers that look as drawn", value=float(layers.fresh), unit="count", n=size),
        Evidence(
            name="layers that come from the baseline",
            value=float(layers.kin) if layers.compared else None,
            unit="count",
            n=layers.compared,
        ),
        Evidence(name="tensors of the file that no layer took", value=float(left_out), unit="count", n=size),
    )


def _named(layers: pd.DataFrame) -> str:
    names = layers["name"].tolist()
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _summary(view: View, layers: Layers) -> str:
    random = layers.random
    ways = []
    if layers.is_family and (random["status"] == "unrelated").any():
        ways.append(f"unrelated to the baseline, from which {layers.kin:,} of {layers.compared:,} layers come")
    if random["init_law"].notna().any():
        law = str(random["init_law"].dropna().iloc[0])
        ways.append(f"as freshly drawn ({law}), which {len(layers.table) - layers.fresh:,} of the others are not")
    return (
        f"{len(random):,} of {len(layers.table):,} layers were never loaded: {_named(random)} "
        f"{'is' if len(random) == 1 else 'are'} {' and '.join(ways)}."
    )


def _denial(layers: Layers) -> str:
    size = len(layers.table)
    if not layers.compared:
        return f"None of {size:,} layers looks as freshly drawn: all were loaded or trained."
    if not layers.is_family:
        return (
            f"The model does not come from this baseline ({layers.kin:,} of {layers.compared:,} layers are related), "
            "but none of its layers looks as freshly drawn."
        )
    return (
        f"{layers.kin:,} of {layers.compared:,} layers come from the baseline and none is unrelated to it or looks as "
        "freshly drawn: the checkpoint was loaded whole."
    )


def _snippet(view: View, layers: Layers) -> str:
    name = checkpoint_name(view.run, "baseline" if layers.compared else "model")
    first = str(layers.random["name"].iloc[0])
    return (
        f'state = torch.load("{name}", weights_only=True)\n'
        'state = {key.removeprefix("module."): value for key, value in state.items()}  # whatever prefix it has\n'
        "missing, unexpected = model.load_state_dict(state, strict=False)\n"
        f'print(missing, unexpected)  # only the head may be missing, not "{first}"\n'
    )


HYPOTHESIS = Hypothesis(
    id="checkpoint_load_partial",
    title="Layers were never loaded",
    chapter="checkpoint",
    claim="some layers hold random numbers, because their weights were never loaded",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.EARLY,
    needs=("weights",),
    measure=measure,
    min_effect=1.0,
    n_min=1,
    precludes=(
        "index_map_scrambled", "index_offset", "index_sort_order", "rows_misaligned", "duplicate_class_columns",
        "logit_group_bias", "logit_scale_mismatch", "class_prior_bias", "head_backbone_mismatch",
        "old_rows_overwritten", "backbone_forgetting", "bn_stats_stale", "preproc_normalization",
        "preproc_channel_order", "preproc_geometry", "val_train_prior_shift", "source_shortcut",
    ),
    look_alikes=("backbone_forgetting", "bn_stats_stale", "head_backbone_mismatch", "preproc_normalization"),
    fix=(
        "Load the missing layers: `load_state_dict(…, strict=False)` passes over names that do not match (prefixes "
        "such as `module.` or `backbone.`). Print what it returns, mend the names, load again and train from there."
    ),
    source="Cosine of independent tensors ±1/√n; laws of torch.nn.init; Kolmogorov 1933",
)  # fmt: skip
