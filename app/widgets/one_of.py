"""A row of buttons of which one holds."""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st


def one_of(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    on_change: Callable[[], None] | None = None,
    hint: str | None = None,
    label_visibility: Literal["visible", "hidden", "collapsed"] = "visible",
) -> str:
    """Draw the choice, bound to the link; the first option holds where nothing else is said."""
    chosen = st.segmented_control(
        label,
        options,
        default=options[0],
        key=key,
        bind="query-params",
        required=True,
        on_change=on_change,
        help=hint,
        label_visibility=label_visibility,
    )
    return chosen or options[0]  # a link that says `KEY=` chooses none
