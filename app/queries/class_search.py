"""Finding classes by what a person types: a part of a name, or `#12` for an index."""

import numpy as np
import streamlit as st

from analysis.arrays import IntArray
from app.queries import runs
from app.queries.runs import RunKey


def classes_like(key: RunKey, text: str) -> IntArray:
    """Indices of the classes that `text` means, ascending.

    An exact name means that class alone; `#12` the class with index 12; anything else every class whose name holds it,
    capitals or not.
    """
    return np.array(_matches(key, text.strip()), dtype=np.int64)


@st.cache_resource(max_entries=8, show_spinner=False)
def _index_of(key: RunKey) -> dict[str, int]:
    return {name: index for index, name in enumerate(runs.class_names(key))}


@st.cache_resource(max_entries=8, show_spinner=False)
def _folded(key: RunKey) -> tuple[str, ...]:
    return tuple(name.casefold() for name in runs.class_names(key))


@st.cache_resource(max_entries=128, show_spinner=False)
def _matches(key: RunKey, text: str) -> tuple[int, ...]:
    exact = _index_of(key).get(text)
    if exact is not None:
        return (exact,)
    number = text.removeprefix("#")
    if text.startswith("#") and number.isascii() and number.isdigit():
        return (int(number),) if int(number) < len(runs.class_names(key)) else ()
    part = text.casefold()
    return tuple(index for index, name in enumerate(_folded(key)) if part in name)


def class_name(key: RunKey, index: int) -> str:
    """Name of a class or head output; a label or prediction without a name shows its index."""
    names = runs.class_names(key)
    return names[index] if 0 <= index < len(names) else f"[class {index}]"


def group_of(key: RunKey, index: int) -> str:
    """`old`, `new`, or `all` where the run has no split."""
    is_old = runs.is_old(key)
    if is_old is None or not 0 <= index < len(is_old):
        return "all"
    return "old" if is_old[index] else "new"
