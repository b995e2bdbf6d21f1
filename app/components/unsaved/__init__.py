"""Keeps words that nobody saved yet in the browser's tab, and asks before the tab is closed; it shows nothing."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "faultline_unsaved", js=(Path(__file__).parent / "unsaved.js").read_text("utf-8"), html="<span></span>"
)


def unsaved(key: str, fields: Mapping[str, str], *, version: int) -> None:
    """Mount it after the boxes of a form.

    Args:
        key: Streamlit key, unique on the page.
        fields: Keys of the boxes, and what is saved of each.
        version: Of what is being changed; words about another version are forgotten.
    """
    told = [{"field": field, "saved": saved, "version": version} for field, saved in fields.items()]
    _mount(key=key, data={"fields": told}, width=1, height=1)
