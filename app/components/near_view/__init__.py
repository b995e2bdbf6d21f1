"""Tells whether its place on the page is in view, or nearly; it shows nothing."""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "faultline_near_view", js=(Path(__file__).parent / "near_view.js").read_text("utf-8"), html="<div></div>"
)


def near_view(key: str, *, height: int, page: str) -> bool:
    """Mount it where something is to be drawn once it is near.

    Args:
        key: Streamlit key, unique on the page.
        height: Room that is kept free, in pixels, so that what stands below has its place from the first.
        page: The last part of the shown page's address, empty for the first page.

    Returns:
        Whether a report may have swallowed what a person did in the same moment: then the whole page is to be drawn.
    """
    # The height twice: the frontend's box has it before the module is loaded, and a box of no height is never seen.
    data = {"height": height, "near": bool(is_near(key)), "page": page}
    told = _mount(key=key, data=data, height=height, on_near_change=lambda: None, on_missed_change=lambda: None)
    return bool(told.get("missed"))


def is_near(key: str) -> bool | None:
    """Whether the place is near the view; None as long as it never was since the page was opened."""
    near = (st.session_state.get(key) or {}).get("near")
    return None if near is None else bool(near)
