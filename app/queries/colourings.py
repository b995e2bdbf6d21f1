"""What the map's points are coloured by: one code a sample, and what the codes mean.

Letters: N samples. A code is one byte: the category in the lower six bits; above them `FILTERED` and `TORN`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
import streamlit as st

from analysis.arrays import AnyArray, BoolArray, IntArray
from app.charts import palette
from app.queries import clusterings, examples, points, runs, triage
from app.queries.class_search import class_name
from app.queries.clusterings import OWN, Shown
from app.queries.runs import RunKey

MEASURES = {
    "Loss": "loss", "Confidence": "confidence", "Label quality": "label_quality", "Brightness": "pixel_mean",
    "Contrast": "pixel_std", "Sharpness": "pixel_sharpness",
}  # fmt: skip
CLUSTERING = "clustering:"  # what names of colourings by a clustering begin with
TRIAGE = "triage:"  # and that of the colouring by what people said of samples
FILTERED = 64  # does not pass the filter of the page
TORN = 128  # its neighbours on the map are not its neighbours in embedding space
OTHER = 63  # the category of what is too many to name, or missing: drawn first
_MANY = 20  # categories with a colour and shape of their own
_CLUSTERS = 60
_IN_LEGEND = 10  # clusters
_TRUST = (0.95, 0.9, 0.8, points.TORN)  # where the classes of trustworthiness part


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Points of one colour and shape; later codes are drawn over earlier ones, `OTHER` below all."""

    code: int
    name: str
    colour: str
    """#rrggbb"""
    count: int
    alpha: float = 0.75
    shape: int = 0
    """0 circle, 1 diamond, 2 square, 3 triangle."""
    legend: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Colouring:
    """One category a sample (N,) uint8, what they mean, and what a person should know about them."""

    codes: IntArray
    categories: tuple[Category, ...]
    note: str = ""


def offered(key: RunKey) -> dict[str, str]:
    """What the points can be coloured by: shown text → name for `colouring`. Columns of the manifest come last."""
    found = {"Correctness": "Correctness"}
    if runs.is_old(key) is not None:
        found["Group"] = "Group"
    known = [name for name, column in MEASURES.items() if column in runs.columns(key)]
    trust = ["Trustworthiness"] if points.trustworthiness(key) is not None else []
    found |= {name: name for name in ("Label", "Prediction", *known, "Cluster", *trust)}
    found["Triage"] = f"{TRIAGE}{triage.version(key)}"  # changes with every tag, and so does the address of the codes
    for column in runs.metadata_columns(key):
        found[column if column not in found else f"{column} (column)"] = f"column:{column}"
    return found


@st.cache_resource(max_entries=16, show_spinner=False)
def colouring(key: RunKey, by: str, *, repaired: bool = False) -> Colouring:
    """Colours of the points.

    Args:
        key: The run.
        by: A value of `offered`, or what `by_clustering` gives.
        repaired: Judge predictions after the supported fixes.

    Raises:
        KeyError: If there is nothing of that name.
    """
    if by.startswith((CLUSTERING, TRIAGE)):
        return _by_cluster(key, by) if by.startswith(CLUSTERING) else _by_triage(key)
    if by not in offered(key).values():
        raise KeyError(f"Points cannot be coloured by {by!r}.")
    if by.startswith("column:"):
        return _by_column(runs.column(key, by.removeprefix("column:")))
    if by in MEASURES:
        return _by_number(runs.column(key, MEASURES[by]))
    if by in ("Label", "Prediction"):
        return _by_class(key, by, repaired=repaired)
    if by == "Cluster":
        return _by_cluster(key, by_clustering(None))
    makers = {"Group": _by_group, "Trustworthiness": _by_trust}
    return makers[by](key) if by in makers else _by_correctness(key, repaired=repaired)


def _by_correctness(key: RunKey, *, repaired: bool) -> Colouring:
    wrong = ~examples.correct(key, repaired=repaired)
    return _plain(wrong, ("correct", palette.CORRECT, 0.45), ("wrong", palette.ERROR, 0.85))


def _by_group(key: RunKey) -> Colouring:
    return _plain(examples.in_group(key, "new"), ("old label", palette.OLD, 0.7), ("new label", palette.NEW, 0.7))


def _plain(codes: AnyArray, *kinds: tuple[str, str, float]) -> Colouring:
    counts = np.bincount(codes.astype(np.int64), minlength=len(kinds))
    categories = tuple(
        Category(code=code, name=name, colour=colour, count=int(counts[code]), alpha=alpha, shape=code % 2)
        for code, (name, colour, alpha) in enumerate(kinds)
    )
    return Colouring(codes=codes.astype(np.uint8), categories=categories)


def _by_class(key: RunKey, by: str, *, repaired: bool) -> Colouring:
    """The classes with the most errors: of a label, or of what was predicted."""
    index = runs.column(key, "label_index") if by == "Label" else examples.predictions(key, repaired=repaired)
    wrong = ~examples.correct(key, repaired=repaired)
    size = np.bincount(index[index >= 0])
    errors = np.bincount(index[wrong & (index >= 0)], minlength=len(size))
    present = np.flatnonzero(size)
    chosen = present[np.lexsort((-size[present], -errors[present]))][:_MANY]
    place = np.full(len(size) + 1, OTHER, dtype=np.uint8)  # the last place is that of −1
    place[chosen] = np.arange(len(chosen), dtype=np.uint8)
    names = [class_name(key, int(number)) for number in chosen]
    return _named(place[index], names, of=len(present), kind="classes", which="those with the most errors")


def by_clustering(shown: Shown | None) -> str:
    """Name of the colouring by a clustering as it is now; None: the run's own, as edited. Changes with every edit."""
    if shown is None:
        return f"{CLUSTERING}{OWN}:"
    return f"{CLUSTERING}{shown.name}:{shown.mark}"


def _by_cluster(key: RunKey, by: str) -> Colouring:
    shown = clusterings.shown(key, by.removeprefix(CLUSTERING).partition(":")[0])
    if shown is None:
        raise KeyError("This run has no such clustering (any more).")
    cluster, ranked = shown.assigned, shown.ranked
    numbers = [int(number) for number in ranked["cluster"]][:_CLUSTERS]
    names = [str(name) for name in ranked["name"]][:_CLUSTERS]
    place = np.full(max([int(cluster.max(initial=-1)), *numbers]) + 2, _CLUSTERS, dtype=np.uint8)
    place[numbers] = np.arange(len(numbers), dtype=np.uint8)
    place[-1] = OTHER
    codes = place[cluster]
    counts = np.bincount(codes, minlength=64)
    categories = [_other("in no cluster", counts[OTHER], alpha=0.25)]
    for rank, (number, name) in enumerate(zip(numbers, names, strict=True)):
        shown = _distinct(rank, cluster_words(number, name), counts[rank])
        categories.append(replace(shown, legend=rank < _IN_LEGEND))
    if counts[_CLUSTERS]:
        further = "in a cluster further down"
        categories.append(Category(code=_CLUSTERS, name=further, colour="#6b7280", count=int(counts[_CLUSTERS])))
    return Colouring(codes=codes, categories=tuple(categories))


def cluster_words(number: int, name: str) -> str:
    """What a cluster is called in the legend."""
    return f"{number}: {name}"


def _by_triage(key: RunKey) -> Colouring:
    """The tags that people gave; samples that nobody looked at stay in the background."""
    found = triage.column(key)
    words = found.words.to_pylist()[:_MANY]
    codes = np.where((found.code < 0) | (found.code >= len(words)), OTHER, found.code).astype(np.uint8)
    counts = np.bincount(codes, minlength=64)
    categories = [_distinct(code, word, counts[code]) for code, word in enumerate(words) if counts[code]]
    note = "" if categories else "Nobody has tagged a sample yet: a digit key on the page Examples does"
    return Colouring(codes=codes, categories=(_other("not looked at", counts[OTHER]), *categories), note=note)


def _by_trust(key: RunKey) -> Colouring:
    found = points.trustworthiness(key)
    value = np.full(runs.size(key), np.nan) if found is None else found[1]
    codes = np.where(np.isnan(value), OTHER, np.digitize(-value, [-edge for edge in _TRUST])).astype(np.uint8)
    names = [f"{_TRUST[0]} and more"]
    names += [f"{low} to {high}" for high, low in pairwise(_TRUST)]
    names += [f"below {_TRUST[-1]}: among strangers"]
    return _scaled(
        codes, names, missing="not on the map", note="1 = its neighbours on the map are its own; 0.5 = chance"
    )


def _by_column(values: AnyArray) -> Colouring:
    if np.issubdtype(values.dtype, np.number):
        return _by_number(values)
    number, kinds = pd.factorize(_as_text(values))
    counts = np.bincount(number[number >= 0], minlength=len(kinds))
    if len(kinds) > _MANY and counts.max(initial=0) == 1:
        return _named(np.full(len(values), OTHER, dtype=np.uint8), [], of=len(kinds), kind="values", which="")
    chosen = np.argsort(-counts, kind="stable")[:_MANY]
    place = np.full(len(kinds) + 1, OTHER, dtype=np.uint8)
    place[chosen] = np.arange(len(chosen), dtype=np.uint8)
    names = [str(kinds[at]) or "(empty)" for at in chosen]
    return _named(place[number], names, of=len(kinds), kind="values", which="the most frequent ones")


def _as_text(values: AnyArray) -> AnyArray:
    """Values of any kind as text, None where there is none: 1 and "1" are one value."""
    if values.dtype != object:
        return values.astype(str).astype(object)
    return np.array([None if value is None or value != value else str(value) for value in values], dtype=object)  # noqa: PLR0124 - NaN


def _named(codes: IntArray, names: Sequence[str], *, of: int, kind: str, which: str) -> Colouring:
    counts = np.bincount(codes, minlength=64)
    categories = [_distinct(code, name, counts[code]) for code, name in enumerate(names)]
    left = of - len(names)
    if counts[OTHER]:
        categories.insert(0, _other(f"other ({left:,} {kind})" if left else "missing", counts[OTHER]))
    note = f"{len(names)} of {of:,} {kind}: {which}" if left else ""
    if not names and left:
        note = f"Each of its {of:,} {kind} occurs once, so there is nothing to colour by"
    return Colouring(codes=codes, categories=tuple(categories), note=note)


def _by_number(values: AnyArray) -> Colouring:
    """Eight parts with as many samples each, or the numbers themselves where they are few."""
    number = values.astype(np.float64)
    known = np.isfinite(number)
    distinct = np.unique(number[known])
    if len(distinct) <= len(palette.PERCEPTUAL):
        codes = np.where(known, np.searchsorted(distinct, np.where(known, number, np.inf)), OTHER)
        return _scaled(codes.astype(np.uint8), [f"{value:.6g}" for value in distinct], missing="missing")
    share = np.linspace(0, 1, len(palette.PERCEPTUAL) + 1)[1:-1]
    cuts = np.unique(np.quantile(number[known], share))
    cuts = cuts[cuts > distinct[0]]
    codes = np.where(known, np.searchsorted(cuts, number, side="right"), OTHER).astype(np.uint8)
    texts = _apart([distinct[0], *cuts, distinct[-1]])
    names = [f"{low} to {high}" for low, high in pairwise(texts)]
    return _scaled(codes, names, missing="missing", note="parts with equally many samples")


def _apart(values: Sequence[float]) -> list[str]:
    """Numbers with as few significant digits as tell them apart."""
    for digits in (2, 3, 4, 6, 9):
        texts = [f"{value:.{digits}g}" for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def _scaled(codes: IntArray, names: Sequence[str], *, missing: str, note: str = "") -> Colouring:
    """Categories in an order: colours of an even scale, fainter at its lower end."""
    counts = np.bincount(codes, minlength=64)
    colours = palette.perceptual(len(names))
    categories = [
        Category(
            code=code,
            name=name,
            colour=colours[code],
            count=int(counts[code]),
            alpha=0.45 + 0.45 * code / max(1, len(names) - 1),
        )
        for code, name in enumerate(names)
    ]
    if counts[OTHER]:
        categories.insert(0, _other(missing, counts[OTHER]))
    return Colouring(codes=codes, categories=tuple(categories), note=note)


def _distinct(rank: int, name: str, count: int) -> Category:
    colours = palette.DISTINCT
    shape = rank // len(colours) % 4
    return Category(
        code=rank, name=name, colour=colours[rank % len(colours)], count=int(count), alpha=0.85, shape=shape
    )


def _other(name: str, count: int, *, alpha: float = 0.3) -> Category:
    return Category(code=OTHER, name=name, colour=palette.NEUTRAL, count=int(count), alpha=alpha)


def emphasised(categories: Sequence[Category], name: str) -> tuple[Category, ...]:
    """The same categories, all but the one called `name` faint; unchanged where none is called so."""
    if all(category.name != name for category in categories):
        return tuple(categories)
    return tuple(replace(category, alpha=1.0 if category.name == name else 0.1) for category in categories)


def bytes_of(key: RunKey, by: str, *, repaired: bool, passing: BoolArray | None = None) -> bytes:
    """N bytes for the browser: category, `FILTERED` and `TORN`; `passing` (N,) is None where nothing is filtered."""
    codes = colouring(key, by, repaired=repaired).codes | (points.torn(key) * np.uint8(TORN))
    if passing is not None:
        codes = codes | (~passing * np.uint8(FILTERED))
    return codes.astype(np.uint8).tobytes()


def counted(found: Colouring, passing: BoolArray | None) -> tuple[Category, ...]:
    """The categories with the counts of the samples that pass a filter."""
    if passing is None:
        return found.categories
    counts = np.bincount(found.codes[passing], minlength=64)
    return tuple(replace(category, count=int(counts[category.code])) for category in found.categories)
