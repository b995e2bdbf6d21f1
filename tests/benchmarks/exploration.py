"""How right exploration is: planted groups, slices, wrong labels and duplicates, found with what precision and recall?

Run by hand: ``python -m tests.benchmarks.exploration [--seeds 3]``. Real digits with a small network; real photographs
with a pretrained one where they lie (``--photographs``, by default beside the project). Labels are held against
cleanlab on the same probabilities.

Letters: N pictures, C classes, D dimensions.
"""

import argparse
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from PIL import Image, ImageFilter
from sklearn.metrics import average_precision_score

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.diagnosis.halves import halves
from analysis.duplicates.near import near_duplicates
from analysis.duplicates.small_picture import SmallPictures, shrink
from analysis.embedding.clustering import find_clusters
from analysis.embedding.neighbours import Neighbours, neighbours
from analysis.embedding.projection import project
from analysis.inference.pixel_facts import pixel_facts
from analysis.reports.cluster_excess import excess_errors
from analysis.reports.label_issues import LabelIssues, label_issues
from analysis.reports.look_groups import with_look_groups
from analysis.reports.metadata_columns import levels_of
from analysis.reports.picture_slices import slices_by_looks
from analysis.reports.slices import Slice, find_slices
from tests.benchmarks.planted_faults import photographs
from tests.benchmarks.planted_faults.base import Base
from tests.benchmarks.planted_faults.gray_bases import digits

SHARES = (0.03, 0.08, 0.15)
FLIPPED = (0.05, 0.10)
Spoil = Callable[[AnyArray, np.random.Generator], AnyArray]


def _blurred(pixels: AnyArray, rng: np.random.Generator) -> AnyArray:
    del rng
    return np.stack([np.asarray(Image.fromarray(p).filter(ImageFilter.GaussianBlur(2))) for p in pixels])


def _noisy(pixels: AnyArray, rng: np.random.Generator) -> AnyArray:
    return np.clip(pixels + rng.normal(scale=50, size=pixels.shape), 0, 255).astype(np.uint8)


def _inverted(pixels: AnyArray, rng: np.random.Generator) -> AnyArray:
    del rng
    return 255 - pixels


def _dark(pixels: AnyArray, rng: np.random.Generator) -> AnyArray:
    del rng
    return (pixels * 0.25).astype(np.uint8)


def _occluded(pixels: AnyArray, rng: np.random.Generator) -> AnyArray:
    """A gray square of half the side somewhere."""
    found = pixels.copy()
    side = pixels.shape[1] // 2
    for picture in found:
        top, left = rng.integers(0, pixels.shape[1] - side, 2)
        picture[top : top + side, left : left + side] = 128
    return found


SPOILT: dict[str, Spoil] = {
    "blurred": _blurred, "noisy": _noisy, "inverted": _inverted, "dark": _dark, "occluded": _occluded,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A base with what its network says of its own pictures: `embeddings` (N, D), `weight` (C, D), `bias` (C,)."""

    base: Base
    embeddings: FloatArray
    weight: FloatArray
    bias: FloatArray

    def embed(self, pixels: AnyArray, changed: BoolArray) -> FloatArray:
        """(N, D), computed anew for what changed."""
        found = self.embeddings.copy()
        found[changed] = self.base.embed(pixels[changed])
        return found

    def probabilities(self, embeddings: FloatArray) -> FloatArray:
        """(N, C) softmax."""
        logit = embeddings @ self.weight.T + self.bias
        p = np.exp(logit - logit.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)


def _model(base: Base, cache: Path) -> Model:
    state = base.state[base.head[0]].numpy() if base.factory else np.zeros(0)  # photographs: one backbone for all seeds
    file = cache / f"{base.name}-{crc32(base.val_pixels.tobytes(), crc32(state.tobytes())):08x}.npy"
    weight, bias = (base.state[name].numpy() for name in base.head)
    return Model(base=base, embeddings=_kept(file, lambda: base.embed(base.val_pixels)), weight=weight, bias=bias)


def _kept(file: Path, make: Callable[[], FloatArray]) -> FloatArray:
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, make())
    return np.load(file, allow_pickle=False)


def _some(n: int, share: float, rng: np.random.Generator) -> BoolArray:
    chosen = np.zeros(n, dtype=np.bool_)
    chosen[rng.permutation(n)[: round(share * n)]] = True
    return chosen


def _rates(found: BoolArray, planted: BoolArray) -> dict[str, float]:
    both = float((found & planted).sum())
    return {"precision": both / max(1, found.sum()), "recall": both / max(1, planted.sum())}


def _spoilt(model: Model, name: str, share: float, seed: int) -> tuple[BoolArray, AnyArray]:
    """Which samples are spoilt, and all pictures with those."""
    rng = np.random.default_rng([seed, len(name), int(100 * share)])
    planted = _some(len(model.base.val_label), share, rng)
    pixels = model.base.val_pixels.copy()
    pixels[planted] = SPOILT[name](pixels[planted], rng)
    return planted, pixels


def _groups(model: Model, name: str, share: float, seed: int) -> dict[str, float]:
    """How the planted group is found by clusters, and by how pictures look."""
    label = model.base.val_label
    planted, pixels = _spoilt(model, name, share, seed)
    embeddings = model.embed(pixels, planted)
    prediction = model.probabilities(embeddings).argmax(axis=1)
    correct = prediction == label
    answer = {"accuracy_outside": correct[~planted].mean(), "accuracy_inside": correct[planted].mean()}
    looks = _looks(pixels, label, correct)
    answer |= _fitting([one.inside for one in looks if one.failing], planted)
    return answer | _clusters(embeddings, label, prediction, planted, seed, looks)


def _looks(pixels: AnyArray, label: IntArray, correct: BoolArray) -> tuple[Slice, ...]:
    """The slices by how pictures look, surest first."""
    channels = pixels if pixels.ndim == 4 else pixels[..., None]
    frame = pd.DataFrame(pixel_facts(np.ascontiguousarray(channels)))
    second = halves(np.arange(len(label)), label).second
    return slices_by_looks(frame, label, ~correct, second).slices


def _fitting(slices: list[BoolArray], planted: BoolArray) -> dict[str, float]:
    """The slice that fits the planted group best, and how many there are."""
    best = max((_rates(one, planted) for one in slices), key=_f1, default={"precision": 0.0, "recall": 0.0})
    return {"slices": len(slices)} | {f"slice_{name}": value for name, value in best.items()}


def _clusters(
    embeddings: FloatArray,
    label: IntArray,
    prediction: IntArray,
    planted: BoolArray,
    seed: int,
    looks: tuple[Slice, ...],
) -> dict[str, float]:
    """The cluster that fits the planted group best, its rank, and how surely it is found again.

    `of_embeddings_…`: the best one before groups by how pictures look are made clusters, too.
    """
    graph = neighbours(embeddings)
    found = find_clusters(embeddings, graph, project(embeddings, graph, seed), seed)
    assigned, _ = with_look_groups(found.assigned, looks, label, prediction != label)
    table = excess_errors(assigned, label, prediction, prediction == label)
    before = [_rates(found.assigned == number, planted) for number in range(int(found.assigned.max(initial=-1)) + 1)]
    first = max(before, key=_f1, default={"precision": 0.0, "recall": 0.0})
    answer = {f"of_embeddings_{name}": value for name, value in first.items()}
    if table.empty:
        return answer | {"precision": 0.0, "recall": 0.0}
    each = {int(c): _rates(assigned == c, planted) for c in table["cluster"]}
    best = max(each, key=lambda c: _f1(each[c]))
    ranked = list(table["cluster"])
    failing = np.isin(assigned, table.loc[table["excess_low"] > 0, "cluster"])
    answer |= {f"failing_{name}": value for name, value in _rates(failing, planted).items()}
    return (
        answer
        | each[best]
        | {
            "rank": ranked.index(best) + 1,
            "excess_low": float(table.set_index("cluster").loc[best, "excess_low"]),
            "stability": dict(enumerate(found.facts["stability"])).get(best) or float("nan"),
            "in_none": float((assigned < 0).mean()),
        }
    )


def _f1(rates: dict[str, float]) -> float:
    return 2 * rates["precision"] * rates["recall"] / max(1e-9, rates["precision"] + rates["recall"])


def _slice(model: Model, seed: int) -> dict[str, float]:
    """One camera of three spoils its pictures; 20 columns beside it mean nothing."""
    rng = np.random.default_rng([seed, 5])
    base, label = model.base, model.base.val_label
    n = len(label)
    camera = rng.choice(list("abc"), n, p=[0.5, 0.4, 0.1])
    planted = camera == "c"
    pixels = base.val_pixels.copy()
    pixels[planted] = (_noisy if base.name == "photographs" else _dark)(pixels[planted], rng)
    wrong = model.probabilities(model.embed(pixels, planted)).argmax(axis=1) != label
    frame = pd.DataFrame({"camera": camera} | {f"c{i}": rng.integers(0, 12, n) for i in range(20)})
    search = find_slices(levels_of(frame)[0], label, wrong, rng.random(n) < 0.5)
    inside = search.failing[0].inside if search.failing else np.zeros(n, dtype=np.bool_)
    accuracy = {"accuracy_outside": 1 - wrong[~planted].mean(), "accuracy_inside": 1 - wrong[planted].mean()}
    return accuracy | _rates(inside, planted) | {"failing": len(search.failing)}


def _flip(label: IntArray, share: float, classes: int, kind: str, rng: np.random.Generator) -> IntArray:
    """Labels of which a share is another class: any, or always the same one for a class."""
    wrong = _some(len(label), share, rng)
    step = rng.integers(1, classes, len(label)) if kind == "any" else np.full(len(label), 1 + rng.integers(classes - 1))
    return np.where(wrong, (label + step) % classes, label)


def _labels(model: Model, share: float, kind: str, seed: int) -> dict[str, float]:
    """Average precision of the order by label quality, precision and recall of the verdicts; ours and cleanlab's."""
    rng = np.random.default_rng([seed, int(100 * share), len(kind)])
    true = model.base.val_label
    p = model.probabilities(model.embeddings)
    label = _flip(true, share, p.shape[1], kind, rng)
    planted = label != true
    graph = neighbours(model.embeddings)
    ours = _judged(p, label, graph)
    theirs = find_label_issues(label, p)
    answer = {f"ours_{name}": value for name, value in _rates(ours.is_issue, planted).items()}
    answer |= {f"cleanlab_{name}": value for name, value in _rates(theirs, planted).items()}
    answer["ours_ap"] = average_precision_score(planted, -ours.quality)
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        answer[f"cleanlab_ap_{method}"] = average_precision_score(
            planted, -get_label_quality_scores(label, p, method=method)
        )
    return answer


def _judged(p: FloatArray, label: IntArray, graph: Neighbours) -> LabelIssues:
    order = np.argsort(-p, axis=1, kind="stable")[:, :32]
    return label_issues(order, np.take_along_axis(p, order, axis=1), label, graph.index, graph.similarity)


def _duplicates(base: Base, seed: int) -> dict[str, float]:
    """2 % of the pictures once more: re-encoded as JPEG, or a tenth brighter."""
    rng = np.random.default_rng([seed, 9])
    n = len(base.val_pixels)
    source = np.flatnonzero(_some(n, 0.02, rng))
    copies = base.val_pixels[source].copy()
    bright = rng.random(len(source)) < 0.5
    copies[bright] = np.clip(copies[bright] * 1.1, 0, 255).astype(np.uint8)
    files = [_encoded(picture, "PNG") for picture in base.val_pixels]
    files += [_encoded(p, "PNG" if b else "JPEG") for p, b in zip(copies, bright, strict=True)]
    found = near_duplicates(_small(files)).copies
    told = {tuple(sorted(pair)) for pair in zip(found.query.tolist(), found.key.tolist(), strict=True)}
    planted = {(int(row), n + place) for place, row in enumerate(source)}
    return {"precision": len(told & planted) / max(1, len(told)), "recall": len(told & planted) / len(planted)}


def _encoded(picture: AnyArray, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()


def _small(files: list[bytes]) -> SmallPictures:
    pictures = SmallPictures.missing(len(files))
    for row, data in enumerate(files):
        pictures.gray[row], pictures.colour[row] = shrink(data)  # type: ignore[misc]
        pictures.is_readable[row] = True
    return pictures


def measure(model: Model, seed: int, only: str) -> Iterator[dict[str, object]]:
    """One row a plant."""
    base = model.base
    head = {"base": base.name, "seed": seed}
    for name in SPOILT if "cluster" in only else ():
        for share in SHARES:
            yield head | {"what": f"group: {name}", "share": share} | _groups(model, name, share, seed)
    if "slice" in only:
        yield head | {"what": "slice", "share": 0.1} | _slice(model, seed)
    for share in FLIPPED if "label" in only else ():
        for kind in ("any", "one"):
            yield head | {"what": f"labels: {kind}", "share": share} | _labels(model, share, kind, seed)
    if "duplicate" in only:
        yield head | {"what": "duplicates", "share": 0.02} | _duplicates(base, seed)


def main() -> None:
    """Measure, print every row and, at the end, the means over the seeds."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.exploration", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--base", nargs="*", default=["digits", "photographs"])
    parser.add_argument("--only", default="cluster,slice,label,duplicate")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "faultline-planted-faults")
    parser.add_argument("--photographs", type=Path, default=Path("../shared/practice"), help="with photographs.npz")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    for name in options.base:
        lacking = photographs.missing(options.photographs) if name == "photographs" else None
        if lacking:
            print(lacking)
            continue
        for seed in range(options.seeds):
            base = (
                digits(seed, options.cache)
                if name == "digits"
                else photographs.photographs(seed, options.cache, options.photographs, pictures=3000)
            )
            for row in measure(_model(base, options.cache / "exploration"), seed, options.only):
                rows.append(row)
                print({k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}, flush=True)
    with pd.option_context("display.width", 250, "display.max_columns", 30, "display.max_rows", 200):
        print(pd.DataFrame(rows).drop(columns="seed").groupby(["base", "what", "share"]).mean().round(3).T.to_string())


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=UserWarning)
    main()
