"""Parts of a page that are drawn once they come near the view: the words above them then need not wait for them."""

from collections.abc import Callable, Hashable

import streamlit as st

from app import state
from app.components import near_view


def in_view(
    key: str, draw: Callable[[], None], *, height: int, about: Hashable = None, opens: str | None = None
) -> None:
    """Draw a part of the page when it comes near the view; once drawn it stays until it would say something else.

    A chart costs the browser a tenth of a second and more each time its data change, the first one a second for the
    code that draws it, and its data the server: what nobody looks at waits.

    Args:
        key: Unique on the page, a Streamlit key.
        draw: Draws it.
        height: About how high it is, in pixels.
        about: What it is drawn of besides the run, such as the filter: of another one it is drawn anew only if near.
        opens: The plain parameter that a click in it sets, which then is the whole page's affair.
    """
    opened = None if opens is None else state.link_value(opens)
    _part(key, draw, height=height, about=about, opens=opens, opened=opened)


@st.fragment
def _part(
    key: str, draw: Callable[[], None], *, height: int, about: Hashable, opens: str | None, opened: str | None
) -> None:
    if opens is not None and state.link_value(opens) != opened:
        st.rerun()
    drawn = f"{key}_drawn"
    near = near_view.is_near(key)
    is_shown = bool(near) or (near is False and st.session_state.get(drawn) == about)
    with st.container(gap=None):
        if near_view.near_view(key, height=1 if is_shown else height, page=state.shown_page()):
            st.rerun()
        if is_shown:
            st.session_state[drawn] = about
            with st.container():
                draw()
