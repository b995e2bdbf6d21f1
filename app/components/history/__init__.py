"""One step of Back for each thing a person did; mounted once a page, it shows nothing."""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "faultline_history", js=(Path(__file__).parent / "history.js").read_text("utf-8"), html="<span></span>"
)


def browser_history() -> None:
    """Let Back and Forward walk through what a person saw; call it on every page."""
    _mount(key="browser_history", width=1, height=1)
