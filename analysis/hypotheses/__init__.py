"""Causes: one file each, one folder a chapter. A file that binds `HYPOTHESIS` is found; nothing is registered."""

import importlib
import pkgutil
from functools import cache

from analysis.diagnosis.hypothesis import Hypothesis


@cache
def all_hypotheses() -> tuple[Hypothesis, ...]:
    """Every hypothesis, by chapter and id.

    Raises:
        ValueError: If a file in a chapter binds no `HYPOTHESIS`, or two share an id.
    """
    found: dict[str, Hypothesis] = {}
    for module in pkgutil.walk_packages(__path__, prefix=f"{__name__}."):
        if module.ispkg:
            continue
        hypothesis = getattr(importlib.import_module(module.name), "HYPOTHESIS", None)
        if not isinstance(hypothesis, Hypothesis):
            raise ValueError(f"{module.name} binds no HYPOTHESIS.")
        if hypothesis.id in found:
            raise ValueError(f"Two hypotheses are called {hypothesis.id}.")
        found[hypothesis.id] = hypothesis
    return tuple(sorted(found.values(), key=lambda h: (h.chapter, h.id)))
