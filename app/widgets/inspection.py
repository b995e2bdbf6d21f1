"""What the look before the start found, for reading: errors, warnings, the facts that matter, then everything."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.inspection_text import key_facts
from app.widgets.text import escape_markdown

_MESSAGES = ("errors", "warnings", "notices")
_TOLD = (*_MESSAGES, "checklist")


def errors_of(found: Mapping[str, Any]) -> list[str]:
    """What keeps the investigation from starting."""
    return [str(message) for message in found.get("errors") or ()]


def inspection(found: Mapping[str, Any]) -> None:
    """Draw errors first, then warnings, then what was found."""
    for message in errors_of(found):
        st.error(escape_markdown(message), icon=":material/error:")
    if warnings := found.get("warnings"):
        st.warning("\n\n".join(escape_markdown(message) for message in warnings), icon=":material/warning:")
    if not errors_of(found):
        st.success("Everything that a run needs was found.", icon=":material/check_circle:")
    for notice in found.get("notices") or ():
        st.caption(escape_markdown(notice))
    parts = key_facts(found)
    if parts:
        with st.grid(len(parts), min_column_width=220, gap="small"):
            for heading, lines in parts:
                with st.container(border=True, height="stretch", gap="xsmall"):
                    st.markdown(f"**{heading}**")
                    st.markdown("\n\n".join(escape_markdown(line) for line in lines))
    with st.expander("Everything that was found"):
        _table(found)


def _table(found: Mapping[str, Any]) -> None:
    facts = _facts({key: value for key, value in found.items() if key not in _TOLD})
    table = pd.DataFrame(facts, columns=["What", "Found"])
    st.dataframe(
        table, hide_index=True, width="stretch", key="runs_facts", alt="Everything that was found in the files"
    )


def _facts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Flatten nested findings to lines: ``Head, outputs`` → ``10``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            label = str(key).replace("_", " ")
            yield from _facts(inner, f"{name}, {label}" if name else label[:1].upper() + label[1:])
    elif value not in (None, [], ""):
        yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        shown = ", ".join(_text(item) for item in value[:8])
        return f"{shown}, … ({len(value):,} in all)" if len(value) > 8 else shown
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int | float) else str(value)
