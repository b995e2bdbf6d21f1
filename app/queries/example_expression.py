"""The filters of the Examples page as one filter expression, which exports and other pages understand."""

import json

from analysis.expressions.columns import Numbers, Truths
from analysis.expressions.names import quoted_name
from app.queries import filters as expressions
from app.queries import runs
from app.queries.class_search import classes_like
from app.queries.examples import Filters
from app.queries.runs import RunKey

_LISTED = 50  # classes that are told by their number


def expression(key: RunKey, filters: Filters) -> str:
    """What passes `filters`, in words of the filter box; empty where every sample does."""
    repaired = "_repaired" if filters.repaired else ""
    parts = []
    if expressions.answer(key, filters.where).mask is not None:
        parts.append(f"({filters.where})")
    if filters.label:
        parts.append(_of_classes(key, filters.label, "label", "label_index"))
    if filters.prediction:
        column = f"prediction{repaired}"
        parts.append(_of_classes(key, filters.prediction, column, f"{column}_index"))
    if filters.outcome != "All":
        parts.append(f"{'' if filters.outcome == 'Correct' else 'not '}correct{repaired}")
    if filters.group != "All" and runs.is_old(key) is not None:
        parts.append(f"group = {json.dumps(filters.group.lower())}")
    if filters.cluster is not None:
        parts.append(f"cluster = {filters.cluster}")
    if filters.finding:
        parts.append(f"flagged({json.dumps(filters.finding)})")
    if filters.column in runs.metadata_columns(key) and filters.value:
        parts.append(_has_value(key, filters.column, filters.value))
    return " and ".join(parts)


def _of_classes(key: RunKey, text: str, name: str, index: str) -> str:
    found = classes_like(key, text)
    if 0 < len(found) <= _LISTED:
        numbers = ", ".join(str(int(number)) for number in found)
        return f"{index} = {numbers}" if len(found) == 1 else f"{index} in ({numbers})"
    return f"{name} contains {json.dumps(text, ensure_ascii=False)}"


def _has_value(key: RunKey, column: str, value: str) -> str:
    name, stored = quoted_name(column), expressions.column(key, column)
    if isinstance(stored, Numbers | Truths):
        return f"{name} is missing" if value in ("nan", "None") else f"{name} = {value.lower()}"
    return f"{name} = {json.dumps(value, ensure_ascii=False)}"
