"""Two classes are one concept: their pictures cannot be told apart, so each takes half of the other's."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Merge
from analysis.diagnosis.separation import Separation
from analysis.diagnosis.significance import wilson
from analysis.diagnosis.twin_classes import Mixing, Probed, margins, merged, mixing_of, mutual_pairs, pooled, probe
from analysis.diagnosis.view import View
from analysis.spec.class_names import canonical_name, name_without_number

_LEAST, _CERTAIN = 0.005, 0.002  # of accuracy; counted as one, no answer turns wrong
_MIXED = 0.2  # of the pair's samples get the other name
_NOT_TOLD_APART = 0.65  # upper bound of a probe's accuracy; ½ would be none at all
_NEAR_HALF = 0.62  # with few samples: a probe's accuracy as it is,
_STILL_LESS = 0.78  # and its upper bound
_CERTAINLY_TWO = 0.01  # p that neither the model's logits nor a probe tell two classes apart whose names differ
_CHOSEN_BELOW = 0.65  # of the model's own answers, on the half where pairs are chosen
_WITHIN = 0.5  # of the samples get one of the two names
_FEWEST = 20  # held-out samples, over all pairs
_BOTH_WAYS = 2
_LARGEST_GROUP = 5


def what_if(view: View) -> Merge | None:
    """Count as one: pairs that this half mixes up both ways as often as not; by name, less is asked of them."""
    named, confused = (
        _named_pairs(view),
        mutual_pairs(view.label, view.predictions.predicted, view.classes, least=_BOTH_WAYS),
    )
    found = [_chosen(view, named, by_name=True), _chosen(view, confused, by_name=False)]
    pairs = np.unique(np.vstack(found), axis=0)
    into = merged(pairs, view.classes)
    twins = int((into != np.arange(len(into))).sum())
    return Merge(into=into, parameters=twins) if twins else None


def _named_pairs(view: View) -> IntArray:
    if "pairs by name" not in view.shared:
        view.shared["pairs by name"] = pairs_by_name(view.run.class_names)
    found: IntArray = view.shared["pairs by name"]
    return found


def pairs_by_name(names: Sequence[str]) -> IntArray:
    """(P, 2) classes whose names differ in spelling only, or by a number where the bare name is there as well."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        groups[canonical_name(name)].append(index)
    bare = set(groups)
    for index, name in enumerate(names):
        base = name_without_number(name)
        if base is not None and base in bare:
            groups[base].append(index)
    pairs = [
        pair
        for group in groups.values()
        if len(group) <= _LARGEST_GROUP
        for pair in combinations(sorted(set(group)), 2)
    ]
    return np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2)


def _chosen(view: View, pairs: IntArray, *, by_name: bool) -> IntArray:
    """Named pairs stand or fall together where each has few samples; others each for themselves."""
    if not len(pairs):
        return pairs
    mixings = mixing_of(view.label, view.predictions.predicted, pairs, view.classes)
    if by_name:
        all_of_them = pooled(mixings)
        if all_of_them.mixed >= _MIXED and all_of_them.told_apart < _CHOSEN_BELOW:
            kept = [m.n < _FEWEST or (m.mixed >= _MIXED and m.told_apart < _CHOSEN_BELOW) for m in mixings]
            return np.asarray(pairs[np.array(kept)])
    kept = [m.mixed >= _MIXED and m.told_apart < _CHOSEN_BELOW and m.share_within >= _WITHIN for m in mixings]
    pairs = pairs[np.array(kept, dtype=np.bool_)]
    if by_name:
        return np.asarray(pairs)
    alike = [margins(view.predictions, pair[None]).p > _CERTAINLY_TWO for pair in pairs]
    return np.asarray(pairs[np.array(alike, dtype=np.bool_)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _HeldOut:
    """Each half's pairs on the other half.

    Attributes:
        pairs: (P, 2) of either half. mixing: how the answers mix them up. probed: what probes on the embeddings say.
        margins: how far the model prefers the right one of pairs that are not alike by name. probed_unnamed: likewise.
    """

    pairs: IntArray
    mixing: Mixing
    probed: Probed
    margins: Separation
    probed_unnamed: Separation

    @property
    def are_two(self) -> bool:
        """They are hardly mixed up, or the model or the probe tells them apart.

        Classes that are one are told apart as by a coin. A weak model is better than that on two that are alike, and
        its logits and features say so even where its answers are no more than 60 % right. Names that differ by a
        number only may come from two sources, whose pictures differ.
        """
        if self.mixing.within < _FEWEST:
            return False
        apart = max(self.mixing.told_apart, self.probed.accuracy)
        p = min(self.margins.p, self.probed_unnamed.p)
        return self.mixing.mixed < _MIXED or apart >= _NOT_TOLD_APART or p <= _CERTAINLY_TWO


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Each half's pairs on the other half: how often they are mixed up, and whether a probe tells them apart."""
    assert outcome is not None
    found = _held_out(view, outcome)
    pairs = found.pairs
    return Measurement(
        summary=_summary(view, found, outcome),
        denial=_denial(view, found),
        n=len(view),
        ceiling=0.0 if not len(pairs) or found.are_two else None,
        abstain=_doubt(found.mixing, found.probed) if len(pairs) else None,
        evidence=_evidence(view, found, outcome),
        tables={"pairs": _table(view, pairs)} if len(pairs) else {},
        fix=None,
        snippet=_snippet(view, pairs) if len(pairs) else None,
    )


def _doubt(held_out: Mixing, probed: Probed) -> str | None:
    """Why the other half cannot tell, or None: half of the answers right, certain enough not to be two thirds."""
    few = held_out.within
    if few < _FEWEST:
        return f"only {few} held-out samples of pairs that may be one class, {_FEWEST} are needed"
    for right, tried in ((held_out.right, held_out.within), (probed.right, probed.total)):
        if not tried:
            continue
        upper = wilson(right, tried)[1]
        if upper >= _NOT_TOLD_APART and not (right / tried <= _NEAR_HALF and upper < _STILL_LESS):
            return f"{tried} held-out samples are too few to say that some pairs of classes cannot be told apart"
    return None


def _pairs_of(repair: object) -> IntArray:
    if not isinstance(repair, Merge):
        return np.zeros((0, 2), dtype=np.int64)
    moved = np.flatnonzero(repair.into != np.arange(len(repair.into)))
    return np.column_stack([repair.into[moved], moved])


def _held_out(view: View, outcome: Outcome) -> _HeldOut:
    mixings, found = list[Mixing](), list[IntArray]()
    probed, probed_unnamed, margin = Probed(), Separation(), Separation()
    embeddings = view.embeddings if view.run.embeddings is not None else None
    named = {(a, b) for a, b in _named_pairs(view).tolist()}
    for repair, scored in zip(outcome.repairs, (view.second, ~view.second), strict=True):
        pairs = _pairs_of(repair)
        found.append(pairs)
        if not len(pairs):
            continue
        unnamed = np.array([(a, b) not in named for a, b in pairs.tolist()])
        mixings += mixing_of(view.label[scored], view.predictions.predicted[scored], pairs, view.classes)
        margin += margins(view.predictions.at(scored), pairs[unnamed])
        if embeddings is not None:
            fit, rest = (embeddings[~scored], view.label[~scored]), (embeddings[scored], view.label[scored])
            probed += probe(fit, rest, pairs)
            probed_unnamed += probe(fit, rest, pairs[unnamed]).apart
    return _HeldOut(
        pairs=np.unique(np.vstack(found), axis=0),
        mixing=pooled(mixings),
        probed=probed,
        margins=margin,
        probed_unnamed=probed_unnamed,
    )


def _name_pair(view: View, pair: IntArray) -> str:
    names = view.run.class_names
    return f"“{names[pair[0]]}” and “{names[pair[1]]}”"


def _summary(view: View, found: _HeldOut, outcome: Outcome) -> str:
    before, after, pairs = float(outcome.before.mean()), float(outcome.after.mean()), found.pairs
    if not len(pairs):
        return "No two classes are one."
    tell = (
        f", and a probe on the embeddings tells them apart in {100 * found.probed.accuracy:.0f} %"
        if found.probed.total
        else ""
    )
    many = (
        f"{len(pairs):,} pairs of classes are one concept under two names" if len(pairs) > 1 else "Two classes are one"
    )
    return (
        f"{many} (such as {_name_pair(view, pairs[0])}): {100 * found.mixing.mixed:.0f} % of their samples get the "
        f"other name{tell}; 50 % would be a coin. Counted as one, {100 * after:.1f} % of the answers are correct "
        f"instead of {100 * before:.1f} %."
    )


def _denial(view: View, found: _HeldOut) -> str:
    pairs = found.pairs
    if not len(pairs):
        named = len(_named_pairs(view))
        return "No two classes are mixed up both ways as often as not" + (
            f"; {named:,} pairs of names look like twins, but the model tells them apart." if named else "."
        )
    tell = f", a probe in {100 * found.probed.accuracy:.0f} %" if found.probed.total else ""
    return (
        f"The most mixed-up pair{'s' if len(pairs) > 1 else ''} ({_name_pair(view, pairs[0])}) can be told apart on "
        f"held-out samples: the model does in {100 * found.mixing.told_apart:.0f} % of the cases{tell}, and where it "
        f"errs its logits still lean to the right one (by rank in {100 * found.margins.auc:.0f} %). They are alike, "
        "not the same."
    )


def _evidence(view: View, found: _HeldOut, outcome: Outcome) -> tuple[Evidence, ...]:
    tried, pairs, probed = found.mixing.within, len(found.pairs), found.probed
    before, after = float(outcome.before.mean()), float(outcome.after.mean())
    return (
        Evidence(name="pairs that may be one class", value=float(pairs), unit="count", n=view.classes),
        Evidence(
            name="their samples that get the other name, on the other half",
            value=found.mixing.mixed if pairs else None,
            threshold=_MIXED,
            unit="fraction",
            n=found.mixing.n,
        ),
        Evidence(
            name="told apart by the model (upper bound)",
            value=wilson(found.mixing.right, tried)[1] if tried else None,
            threshold=_NOT_TOLD_APART,
            unit="fraction",
            n=tried,
        ),
        Evidence(
            name="told apart by a probe on the embeddings (upper bound)",
            value=wilson(probed.right, probed.total)[1] if probed.total else None,
            threshold=_NOT_TOLD_APART,
            unit="fraction",
            n=probed.total,
        ),
        Evidence(
            name="p that neither logits nor probe tell pairs of different names apart",
            value=min(found.margins.p, found.probed_unnamed.p) if found.margins.pairs else None,
            threshold=_CERTAINLY_TWO,
            unit="p",
            n=tried,
        ),
        Evidence(name="accuracy as it is", value=before, unit="fraction", n=len(view)),
        Evidence(name="accuracy with each pair counted as one class", value=after, unit="fraction", n=len(view)),
    )


def _table(view: View, pairs: IntArray) -> pd.DataFrame:
    """One row a pair, the most samples first."""
    names = np.array(view.run.class_names, dtype=object)
    mixings = mixing_of(view.label, view.predictions.predicted, pairs, view.classes)
    table = pd.DataFrame(
        {
            "class": names[pairs[:, 0]],
            "twin": names[pairs[:, 1]],
            "samples": [m.n for m in mixings],
            "get_the_other_name": [m.mixed for m in mixings],
            "told_apart": [m.told_apart for m in mixings],
        }
    )
    return table.sort_values("samples", ascending=False, ignore_index=True)


def _snippet(view: View, pairs: IntArray) -> str:
    names = view.run.class_names
    twins = {names[b]: names[a] for a, b in pairs[:20].tolist()}
    return (
        f"twins = {twins!r}\n"
        "labels = [twins.get(name, name) for name in labels]  # before the list is built, in training and validation\n"
    )


HYPOTHESIS = Hypothesis(
    id="duplicate_class_columns",
    title="Two classes are one concept",
    chapter="indexing",
    claim="some concepts are in the class list twice, and the model cannot know which of the two names is meant",
    lane=Lane.GAIN,
    gain_kind="exact",
    stage=Stage.EARLY,
    needs=("samples",),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    min_certain=_CERTAIN,
    n_min=100,
    look_alikes=("fine_grained_confusion", "label_errors", "class_name_variants"),
    fix=(
        "Merge the pairs in the class list, in the labels and in the head (mean of both rows after bringing them to "
        "one length), then fine-tune the head shortly. Never let the last of two rows overwrite the first."
    ),
    source="Mutual confusion and a two-class probe (Fisher 1936); labels merged as Beyer et al. 2020, arXiv 2006.07159",
)
