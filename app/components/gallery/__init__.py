"""A gallery of pictures: click or arrow keys and Enter; pictures come by address, names arrive as text."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "faultline_gallery",
    html='<div class="gallery" role="listbox"></div>',
    css=(_FOLDER / "gallery.css").read_text("utf-8"),
    js=(_FOLDER / "gallery.js").read_text("utf-8"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a gallery; every text is shown as it is, never as markup."""

    sample_id: int
    source: str
    """Address of the picture, relative to the page."""
    title: str
    subtitle: str = ""
    badge: str = ""
    """A short number in the corner, such as the loss."""
    correct: bool | None = None
    """True: teal tick; False: vermilion cross; None: no mark."""


def gallery(
    tiles: Sequence[Tile],
    *,
    key: str,
    label: str,
    on_open: Callable[[int], None],
    selected: int | None = None,
    size: int = 132,
) -> None:
    """Show pictures in a grid; a click or Enter opens one.

    Args:
        tiles: The pictures of one page, at most about 100.
        key: Streamlit key, unique on the page.
        label: What the gallery shows, for screen readers.
        on_open: Called with the sample id, before the page is drawn again.
        selected: Sample id to mark.
        size: Smallest width of a tile in pixels.
    """

    def opened() -> None:
        sample_id = st.session_state[key].get("opened")
        if sample_id is not None:
            on_open(int(sample_id))

    _mount(
        key=key,
        data={"tiles": [asdict(tile) for tile in tiles], "label": label, "selected": selected, "size": size},
        on_opened_change=opened,
    )
