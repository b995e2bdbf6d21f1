"""The layers below the head no longer tell the old classes apart."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.network_evidence import checkpoint_name, new_name, nothing_learnt_moved
from analysis.diagnosis.paired_probe import ProbeDrop, probe_drop
from analysis.diagnosis.repairs import Repair, best_of
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import chosen_variant, settings_of, variants_of
from analysis.diagnosis.significance import Interval, paired
from analysis.diagnosis.view import View

_LEAST, _FEWEST = 0.05, 300
_HEALTHY_BASELINE, _TIMES_CHANCE = 0.2, 5.0
_RANDOM = 5.0  # standard errors of a cosine of unrelated tensors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """Samples of the baseline's classes under both models.

    Attributes:
        old_right: the old model's answers.
        within: this model's among the old classes alone. now: its answers as judged.
        probe: on the embeddings of both; None where they cannot be compared.
    """

    old_right: BoolArray
    within: BoolArray
    now: BoolArray
    probe: ProbeDrop | None


def what_if(view: View) -> Repair | None:
    """The confirmed weights between the old model and this one that serve this half best."""
    return None if nothing_learnt_moved(view.run) else best_rerun(view, "interpolation", parameters=1)


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) of a linear probe on the old model's features minus that on this model's, old classes."""
    assert outcome is not None
    if nothing_learnt_moved(view.run):
        return Measurement(
            summary="",
            denial="Every weight of the backbone is the old model's, so training cannot have spoilt its features.",
            n=len(view),
            effect=Interval.exactly(0.0),
            ceiling=0.0,
        )
    seen = _seen(view)
    probe = seen.probe
    n = 0 if probe is None else len(probe.rows)
    if probe is None:
        return _unknown(view, "the classes of the old model are not in both halves of the samples")
    old, within = float(seen.old_right.mean()), float(seen.within.mean())
    drop = probe.drop.change
    chosen = chosen_variant(outcome)
    words = _words(seen, view)
    return Measurement(
        summary=f"{words} {_localised(view)}{_recovered(outcome, chosen)}",
        denial=f"The features still tell the old classes apart. {words}",
        n=n,
        effect=drop,
        p=probe.drop.p,
        gain=_at_most(seen, len(view)),
        ceiling=max(drop.value, 0.0) if old - within < _LEAST else None,
        abstain=_reason(view, old),
        lane=None if chosen else Lane.BOUND,
        evidence=_evidence(seen, probe),
        tables=_tables(view),
        snippet=_snippet(view, chosen) if chosen else None,
    )


def _seen(view: View) -> _Seen:
    """A view of fewer samples sees fewer of the baseline's."""
    run = view.run
    assert run.baseline is not None
    place = np.full(len(run), -1)
    place[view.rows] = np.arange(len(view))
    there = np.flatnonzero(place[run.baseline_rows] >= 0)
    here = place[run.baseline_rows[there]]
    known = np.zeros(len(run.class_names), dtype=np.bool_)
    known[run.baseline_class[run.baseline_class >= 0]] = True
    classes = view.predictions.column_class
    columns = (classes >= 0) & known[classes]
    part = view.predictions.at(here)
    column = best_of(part, columns)[1]
    return _Seen(
        old_right=np.asarray(run.baseline.column("correct")[there], dtype=np.bool_),
        within=(column >= 0) & (classes[column] == part.label),
        now=part.correct,
        probe=view.once("backbone_forgetting: probe", lambda: _probe(view, here, there)),
    )


def _probe(view: View, here: np.ndarray, there: np.ndarray) -> ProbeDrop | None:
    assert view.run.baseline is not None
    before = view.run.baseline.embeddings
    if before is None or not len(here):
        return None
    return probe_drop(np.asarray(before[there]), _features(view)[here], view.label[here], view.second[here])


def _features(view: View) -> FloatArray:
    """(n, D) of this model; with BatchNorm estimated anew where that was asked: stale statistics are no forgetting."""
    reruns = view.run.reruns
    if reruns is not None:
        table = reruns.of("batch_norm", view.predictions.source)
        for variant in table.loc[table["is_full"].astype(bool), "variant"] if len(table) else ():
            found = reruns.get(variant).embeddings
            if found is not None:
                return np.asarray(found[view.rows])
    return view.embeddings


def _unknown(view: View, why: str) -> Measurement:
    return Measurement(summary="", denial="", n=0, effect=Interval(value=0.0, low=-1.0, high=1.0), p=1.0, abstain=why)


def _reason(view: View, old: float) -> str | None:
    """Why nothing can be concluded: a fault that both models share, or a network that was loaded only in part."""
    assert view.run.baseline is not None
    least = min(_HEALTHY_BASELINE, _TIMES_CHANCE / max(1, view.run.baseline.outputs))
    if old < least:
        return (
            f"the old model, asked through the same loader, gets only {100 * old:.1f} % of its own classes right, "
            "so the loader, the preprocessing or the labels are at fault before any forgetting"
        )
    unrelated = _random_tensors(view)
    if unrelated:
        return (
            f"{unrelated:,} layers have nothing in common with the old model's, as if never loaded; "
            "see whether the checkpoint was loaded in part"
        )
    return None


def _random_tensors(view: View) -> int:
    """Large tensors whose cosine with the old ones is that of chance, while others are related."""
    weights = view.run.weights
    if weights is None or "cosine" not in weights:
        return 0
    body = weights[~weights["is_head"].astype(bool) & weights["decisive"].astype(bool) & weights["cosine"].notna()]
    chance = body["cosine"].abs() < _RANDOM / np.sqrt(body["numel"])
    return int(chance.sum()) if len(body) and not chance.all() else 0


def _at_most(seen: _Seen, samples: int) -> Interval:
    """What the old model gets right and this one does not, over all samples: asking the old one could not do more."""
    score = paired(seen.now, seen.old_right)
    share = len(seen.now) / max(1, samples)
    change = score.change
    return Interval(value=share * change.value, low=share * change.low, high=share * change.high)


def _words(seen: _Seen, view: View) -> str:
    assert seen.probe is not None
    return (
        f"A new linear head on the features gets {100 * seen.probe.old.mean():.1f} % of the old classes right with the "
        f"old model and {100 * seen.probe.new.mean():.1f} % with this one ({len(seen.probe.rows):,} pictures, "
        f"{seen.probe.classes:,} classes, the same halves). Among the old classes alone the model itself gets "
        f"{100 * seen.within.mean():.1f} % right, the old model {100 * seen.old_right.mean():.1f} %."
    )


def _localised(view: View) -> str:
    layers = _drift(view)
    if layers.empty:
        return ""
    most = int(layers["drift"].to_numpy().argmax())
    name, change = layers["layer"].iloc[most], float(layers["change"].iloc[most])
    return f"The layer that moved most is {name} (by {100 * change:.0f} % of its length)."


def _recovered(outcome: Outcome, chosen: str | None) -> str:
    if chosen is None:
        return ""
    return (
        f" Weights part of the way back to the old model get {100 * outcome.after.mean():.1f} % right instead of "
        f"{100 * outcome.before.mean():.1f} %."
    )


def _evidence(seen: _Seen, probe: ProbeDrop) -> tuple[Evidence, ...]:
    n, m = len(probe.rows), len(seen.now)
    return (
        Evidence(name="linear probe on the old model's features", value=float(probe.old.mean()), unit="fraction", n=n),
        Evidence(name="linear probe on this model's features", value=float(probe.new.mean()), unit="fraction", n=n),
        Evidence(name="drop", value=probe.drop.change.value, unit="fraction", n=n, threshold=_LEAST),
        Evidence(name="the old model on its classes, same loader", value=float(seen.old_right.mean()), unit="fraction",
                 n=m, threshold=_HEALTHY_BASELINE),
        Evidence(name="this model among the old classes alone", value=float(seen.within.mean()), unit="fraction", n=m),
        Evidence(name="this model on the old classes", value=float(seen.now.mean()), unit="fraction", n=m),
    )  # fmt: skip


def _drift(view: View) -> pd.DataFrame:
    """One row a weight below the head: drift d = ‖new−old‖²/‖old‖², and what direction it lost, 1 − cosine."""
    weights = view.run.weights
    if weights is None or "change" not in weights:
        return pd.DataFrame()
    kept = weights[(weights["kind"] == "weight") & ~weights["is_head"].astype(bool) & weights["change"].notna()]
    return pd.DataFrame(
        {
            "position": kept["position"],
            "layer": kept["name"],
            "drift": kept["change"] ** 2,
            "change": kept["change"],
            "turned": 1 - kept["cosine"],
        }
    ).reset_index(drop=True)


def _tables(view: View) -> dict[str, pd.DataFrame]:
    layers, tried = _drift(view), variants_of(view, "interpolation")
    tables = {} if layers.empty else {"layers": layers}
    return tables if tried.empty else tables | {"variants": tried}


def _snippet(view: View, variant: str) -> str:
    alpha = settings_of(view, variant).get("network", {}).get("alpha", 0.5)
    return f"""old = torch.load("{checkpoint_name(view.run, "baseline")}", weights_only=True)
new = torch.load("{checkpoint_name(view.run)}", weights_only=True)
old, new = old.get("state_dict", old), new.get("state_dict", new)
mixed = {{
    name: torch.lerp(old[name].float(), tensor.float(), {alpha})
    if name in old and old[name].shape == tensor.shape and tensor.is_floating_point() else tensor
    for name, tensor in new.items()
}}  # rows of the old classes in the head likewise, by name; then estimate BatchNorm's statistics anew
torch.save(mixed, "{new_name(view.run, "halfway")}")"""


HYPOTHESIS = Hypothesis(
    id="backbone_forgetting",
    title="The backbone forgot the old classes",
    chapter="backbone",
    claim="training on the new classes destroyed the features that told the old ones apart",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "embeddings", "baseline_predictions", "baseline_embeddings"),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    n_min=_FEWEST,
    explains=(  # where features tell nothing apart any more, other pictures or another order are luckier by chance
        "index_map_scrambled",
        "index_offset",
        "preproc_normalization",
        "preproc_channel_order",
        "preproc_geometry",
        "bn_stats_stale",
        "old_rows_overwritten",
        "logit_group_bias",
        "logit_scale_mismatch",
        "class_prior_bias",
        "head_backbone_mismatch",
    ),
    pairs=False,
    look_alikes=("logit_group_bias", "old_rows_overwritten", "bn_stats_stale", "checkpoint_load_partial"),
    fix="Start again from the old model: replay old pictures beside the new ones, train the new head first, then all "
    "layers at a tenth to a hundredth of the rate. Weights between the old and the new model are a quick remedy.",
    source="paired probes, Davari et al. 2022 (arXiv 2203.13381); interpolation, Wortsman et al. 2022 "
    "(arXiv 2109.01903)",
)
