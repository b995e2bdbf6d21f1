"""Head and class list hold the same names, sorted by different rules."""

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.diagnosis.class_orders import class_orders, old_then_new
from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.repairs import Rename
from analysis.diagnosis.view import View
from analysis.diagnosis.winning_columns import right_answers, winning_columns

_LEAST = 0.02
_SHOWN = 200


def what_if(view: View) -> Rename | None:
    """Of all the orders that programs sort names in, the one that suits these samples best; nothing is fitted."""
    if not len(view):
        return None
    columns = winning_columns(view)
    appended = old_then_new(view.run.is_old, view.predictions.columns)  # left to `index_map_scrambled`
    known = [view.predictions.column_class] if appended is None else [view.predictions.column_class, appended]
    best, most = None, max(right_answers(classes, columns, view.label) for classes in known)
    for order in _orders(view).values():
        right = right_answers(order, columns, view.label)
        if right > most:
            best, most = order, right
    return None if best is None else Rename(column_class=best, parameters=0)


def _orders(view: View) -> dict[str, IntArray]:
    """By how they came about; (columns,) class of each output."""
    if "class orders" not in view.shared:
        listed = int(view.run.meta.get("classes_in_list") or view.classes)
        old = view.run.is_old
        orders = class_orders(view.run.class_names[:listed], None if old is None else old[:listed], _train_count(view))
        view.shared["class orders"] = {
            name: _fitting(order, view.predictions.columns) for name, order in orders.items()
        }
    found: dict[str, IntArray] = view.shared["class orders"]
    return found


def _fitting(order: IntArray, columns: int) -> IntArray:
    fitting = np.full(columns, -1, dtype=np.int64)
    fitting[: min(columns, len(order))] = order[:columns]
    return fitting


def _train_count(view: View) -> IntArray | None:
    classes = view.run.classes
    if "train_count" not in classes or classes["train_count"].isna().all():
        return None
    return np.asarray(classes["train_count"].fillna(-1), dtype=np.int64)[
        : int(view.run.meta.get("classes_in_list") or view.classes)
    ]


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy under the best closed-form order against accuracy in the listed order, both on held-out samples."""
    assert outcome is not None
    before, after = float(outcome.before.mean()), float(outcome.after.mean())
    orders = _orders(view)
    words, order = _chosen(outcome, orders)
    moved = 0 if order is None else int((order != np.arange(len(order))).sum())
    score = outcome.score
    return Measurement(
        summary=(
            f"The list and the head are sorted by different rules: {words}. Read so, {100 * after:.1f} % of the "
            f"answers are correct instead of {100 * before:.1f} % ({moved:,} of {view.classes:,} outputs move)."
        ),
        denial=(
            f"None of {len(orders):,} other ways to sort the class names does better than the listed order "
            f"({100 * before:.1f} %)."
            if orders
            else "However these names are sorted, they come in the listed order."
        ),
        n=score.n,
        evidence=(
            Evidence(name="orders tried", value=float(len(orders)), unit="count", n=view.classes),
            Evidence(
                name="outputs that stand elsewhere in the best of them",
                value=float(moved),
                unit="count",
                n=view.classes,
            ),
            Evidence(name="accuracy in the listed order", value=before, unit="fraction", n=score.n),
            Evidence(
                name="accuracy in the best other order, on held-out samples",
                value=after,
                threshold=before + _LEAST,
                unit="fraction",
                n=score.n,
            ),
        ),
        fix=None if order is None else f"{_FIX} Here: {words}.",
        tables={} if order is None else {"moves": _moves(view, order), "orders": _scores(view, orders)},
        snippet=None if order is None else _snippet(view, words),
    )


def _chosen(outcome: Outcome, orders: dict[str, IntArray]) -> tuple[str, IntArray | None]:
    for repair in outcome.repairs:
        if isinstance(repair, Rename):
            for words, order in orders.items():
                if np.array_equal(order, repair.column_class):
                    return words, order
    return "", None


def _moves(view: View, order: IntArray) -> pd.DataFrame:
    """The first outputs that stand elsewhere: what the list says and what they answer for."""
    names = np.array(view.run.class_names, dtype=object)
    moved = np.flatnonzero((order != np.arange(len(order))) & (order >= 0))[:_SHOWN]
    return pd.DataFrame({"output": moved, "listed_as": names[moved], "answers_for": names[order[moved]]})


def _scores(view: View, orders: dict[str, IntArray]) -> pd.DataFrame:
    """Accuracy under every order, on all samples; nothing is fitted, so this is no more than a list."""
    column, label = view.predictions.column, view.label
    accuracy = [float(((column >= 0) & (order[column] == label)).mean()) for order in orders.values()]
    table = pd.DataFrame({"order": list(orders), "accuracy": accuracy})
    return table.sort_values("accuracy", ascending=False, ignore_index=True)


def _snippet(view: View, words: str) -> str:
    classes = (view.run.meta.get("spec") or {}).get("classes") or {}
    file = str(classes.get("names") or "classes.json").replace("\\", "/").rsplit("/", 1)[-1]
    return (
        f"# {words}\n"
        "# Keep the order the head was trained in beside the checkpoint, and look classes up by name:\n"
        "import json\n"
        "names = sorted(dataset.class_to_idx, key=dataset.class_to_idx.get)  # the training set's own order\n"
        f"json.dump(names, open({file!r}, 'w'), ensure_ascii=False)\n"
    )


_FIX = (
    "Give the class list the order the head was trained in (write it to a file when training and read it everywhere, "
    "never sort again), or reorder the head's rows by name."
)

HYPOTHESIS = Hypothesis(
    id="index_sort_order",
    title="Class names are sorted by another rule",
    chapter="indexing",
    claim="the head was trained with the same class names in another sort order",
    lane=Lane.GAIN,
    gain_kind="exact",
    stage=Stage.EARLY,
    needs=("samples",),
    measure=measure,
    what_if=what_if,
    min_effect=_LEAST,
    min_win_share=0.7,
    n_min=60,
    explains=("index_map_scrambled", "index_offset", "head_size_mismatch"),
    pairs=True,
    look_alikes=("index_map_scrambled", "index_offset"),
    fix=_FIX,
    source="Text order (ImageFolder) against natural order (timm): pytorch/vision #714, pytorch-image-models #222",
)
