"""Orders that programs put class names in: the closed-form reasons why a head and a list may disagree.

Letters: C classes. An order says which class each output answers for.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.spec.class_names import natural_key

Key = Callable[[str], Any]


def class_orders(
    names: Sequence[str], is_old: BoolArray | None = None, train_count: IntArray | None = None
) -> dict[str, IntArray]:
    """Every other order the outputs may have been trained in, by how it came about.

    An entry `classes` (C,) says that output j answers for class `classes[j]` of the list. Orders that leave every class
    in its place are left out, and of equal ones the first stays. Each order comes in both directions: the head sorted
    so, or the labels numbered so.

    Args:
        names: C class names in list order.
        is_old: (C,) True where the class was known before; each group is then also sorted on its own.
        train_count: (C,) training samples of each class; −1 where unknown.

    Source:
        ImageFolder sorts names as text, timm by a lower-case natural key; JSON keys are text: "10" before "2".
    """
    here = np.arange(len(names))
    seen = {here.tobytes()}
    orders: dict[str, IntArray] = {}
    for words, order in _sorted_orders(names, is_old, train_count):
        inverse = np.empty_like(order)
        inverse[order] = here
        for name, classes in ((f"outputs {words}", order), (f"labels numbered as if the list were {words}", inverse)):
            if classes.tobytes() not in seen:
                seen.add(classes.tobytes())
                orders[name] = classes
    return orders


def old_then_new(is_old: BoolArray | None, columns: int) -> IntArray | None:
    """Class of each output, (columns,), where old rows were kept in place and new ones appended; −1 = of none.

    None where this is the listed order, or nobody said which classes are old.

    Args:
        is_old: (C,) True where the class was known before.
        columns: outputs of the head.
    """
    if is_old is None:
        return None
    order = np.argsort(~is_old, kind="stable")
    if np.array_equal(order, np.arange(len(order))):
        return None
    classes = np.full(columns, -1, dtype=np.int64)
    classes[: min(columns, len(order))] = order[:columns]
    return classes


def _sorted_orders(
    names: Sequence[str], is_old: BoolArray | None, train_count: IntArray | None
) -> Iterator[tuple[str, IntArray]]:
    """Class at each place of every order, (C,)."""
    grouped = (
        is_old is not None and is_old.any() and not is_old.all() and bool((np.diff(is_old.astype(int)) <= 0).all())
    )
    for words, key in _keys(names):
        keys = [key(name) for name in names]
        order = np.array(sorted(range(len(names)), key=keys.__getitem__), dtype=np.int64)
        yield f"sorted {words}", order
        yield f"sorted {words}, backwards", order[::-1]
        if grouped and is_old is not None:
            yield f"sorted {words}, old and new classes each", order[np.argsort(~is_old[order], kind="stable")]
    by_index = np.array(sorted(range(len(names)), key=str), dtype=np.int64)
    yield "sorted by their numbers as text (0, 1, 10, 11, …, 2)", by_index
    yield "in reverse", np.arange(len(names))[::-1]
    if train_count is not None and (train_count > 0).any():
        yield "sorted by how often they occur in training", np.argsort(-train_count, kind="stable")


def _keys(names: Sequence[str]) -> Iterator[tuple[str, Key]]:
    """Sort keys that can make a difference for these names."""
    text = "\n".join(names)
    has_digits = any(character.isdigit() for character in text)
    has_case = text != text.lower()
    has_marks = not text.isascii()
    has_gaps = any(sign in text for sign in " _-'.,()")
    yield "as text", str
    if has_digits:
        yield "by number (1, 2, …, 10)", natural_key
    if has_case:
        yield "as text without regard to case", str.lower
    if has_case and has_digits:
        yield "by number without regard to case", lambda name: natural_key(name.lower())
    if has_gaps:
        yield "as text without spaces and signs", _letters
        yield "as text without spaces, signs and case", lambda name: _letters(name).lower()
        yield "as text with spaces for underscores", lambda name: name.replace("_", " ")
        yield "as text with underscores for spaces", lambda name: name.replace(" ", "_")
        yield "as folders with a slash at the end", lambda name: name + "/"
    if has_marks:
        yield "as text in composed Unicode", lambda name: unicodedata.normalize("NFC", name)
        yield "as text in decomposed Unicode", lambda name: unicodedata.normalize("NFD", name)
        yield "as text without accents", lambda name: _bare(name).lower()


def _letters(name: str) -> str:
    return "".join(character for character in name if character.isalnum())


def _bare(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
