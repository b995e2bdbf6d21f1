"""Keeps words that nobody saved yet in the browser's tab, and asks before the tab is closed; it shows nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "faultline_unsaved", js=(_HERE / "unsaved.js").read_text("utf-8"), html="<span></span>"
)
_mount_left_behind = st.components.v2.component(
    "faultline_left_behind", js=(_HERE / "left_behind.js").read_text("utf-8"), html="<span></span>"
)


def unsaved(key: str, fields: Mapping[str, str], *, version: int) -> None:
    """Mount it after the boxes of a form.

    Args:
        key: Streamlit key, unique on the page.
        fields: Keys of the boxes, and what is saved of each.
        version: Of what is being changed; words about another version are forgotten.
    """
    told = [
        {"field": field, "saved": saved, "shown": str(st.session_state.get(field) or ""), "version": version}
        for field, saved in fields.items()
    ]
    _mount(key=key, data={"fields": told}, width=1, height=1)


def left_behind(key: str, fields: Mapping[str, str], *, found: Callable[[int], None]) -> None:
    """Mount it where the form would be, while it is closed: after a reload the words of a box are still in the tab.

    Args:
        key: Streamlit key, unique on the page.
        fields: Keys of the boxes that the form would have, and what is saved of each.
        found: Called where the tab has such words, with the version of what they would have changed.
    """

    def told() -> None:
        version = st.session_state[key].get("version")
        if isinstance(version, int) and version >= 0:
            found(version)

    told_of = [{"field": field, "saved": saved} for field, saved in fields.items()]
    _mount_left_behind(key=key, data={"fields": told_of}, width=1, height=1, on_version_change=told)
