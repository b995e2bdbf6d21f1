"""What the look before the start found, for reading: errors, warnings, facts."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.widgets.text import escape_markdown

_MESSAGES = ("errors", "warnings", "notices")


def errors_of(found: Mapping[str, Any]) -> list[str]:
    """What keeps the investigation from starting."""
    return [str(message) for message in found.get("errors") or ()]


def inspection(found: Mapping[str, Any]) -> None:
    """Draw errors first, then warnings, then everything that was found as a table."""
    for message in errors_of(found):
        st.error(escape_markdown(message), icon=":material/error:")
    for message in [*(found.get("warnings") or ()), *(found.get("notices") or ())]:
        st.warning(escape_markdown(message), icon=":material/warning:")
    if not errors_of(found):
        st.success("Everything that a run needs was found.", icon=":material/check_circle:")
    facts = list(_facts({key: value for key, value in found.items() if key not in _MESSAGES}))
    if facts:
        table = pd.DataFrame(facts, columns=["What", "Found"])
        st.dataframe(table, hide_index=True, width="stretch", height=min(38 + 35 * len(table), 420), key="runs_facts",
                     alt="What was found in the files")  # fmt: skip


def _facts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Flatten nested findings to lines: ``model, head`` → ``linear, 10 outputs``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            label = str(key).replace("_", " ")
            yield from _facts(inner, f"{name}, {label}" if name else label[:1].upper() + label[1:])
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for number, inner in enumerate(value, start=1):
            yield from _facts(inner, f"{name} {number}".strip())
    elif value not in (None, [], ""):
        yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        shown = ", ".join(_text(item) for item in value[:8])
        return f"{shown}, … ({len(value):,} in all)" if len(value) > 8 else shown
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
