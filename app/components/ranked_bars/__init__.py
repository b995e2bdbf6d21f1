"""A short ranking as bars that are buttons; without a chart library, whose code takes a second to load."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "faultline_ranked_bars",
    html='<div class="legend"></div><div class="bars" role="list"></div><div class="unit"></div>',
    css=(_FOLDER / "ranked_bars.css").read_text("utf-8"),
    js=(_FOLDER / "ranked_bars.js").read_text("utf-8"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; every text is shown as it is, never as markup."""

    number: int
    name: str
    sure: float
    """At least so much, 0 or more: solid."""
    likely: float
    """The estimate, `sure` or more: hatched from there on."""
    hint: str


def ranked_bars(
    bars: Sequence[Bar], *, key: str, label: str, unit: str, opened: int | None, on_open: Callable[[int], None]
) -> None:
    """Draw bars below each other, the first on top; a click or Enter opens one.

    Args:
        bars: A dozen or so.
        key: Streamlit key, unique on the page.
        label: What is ranked, for screen readers.
        unit: What the bars' length is.
        opened: Number of the bar to mark.
        on_open: Called with a bar's number, before the page is drawn again.
    """

    def chosen() -> None:
        number = st.session_state[key].get("opened")
        if isinstance(number, int | float) and number in [bar.number for bar in bars]:
            on_open(int(number))

    data = {"bars": [asdict(bar) for bar in bars], "label": label, "unit": unit, "opened": opened}
    _mount(key=key, data=data, on_opened_change=chosen)
