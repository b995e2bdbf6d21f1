"""The embedding map: every sample as a point in WebGL, with lasso and box; a million points stay fluid.

Points and colours come by address, once; a drawn outline goes to Python as a few corners. The module is made of plain
JavaScript files, put together here in the order of their use.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from app.queries.points import Category, Label, Polygon

_FOLDER = Path(__file__).parent
_FILES = ("camera.js", "polygon.js", "nearest.js", "points.js", "overlay.js", "legend.js", "tip.js", "map.js")
_mount = st.components.v2.component(
    "faultline_embedding_map",
    html=(_FOLDER / "map.html").read_text("utf-8"),
    css=(_FOLDER / "map.css").read_text("utf-8"),
    js="\n".join((_FOLDER / name).read_text("utf-8") for name in _FILES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the browser gets what it draws; `describe` and `picture` hold `{}` for the sample id."""

    points: str
    """N pairs of little-endian float32."""
    codes: str
    """N bytes, each the code of a category."""
    describe: str
    """JSON with `text`, shown beside the pointer."""
    picture: str


def embedding_map(
    addresses: Addresses,
    categories: Sequence[Category],
    *,
    key: str,
    polygon: Polygon | None,
    labels: Sequence[Label],
    on_select: Callable[[Polygon | None], None],
    on_open: Callable[[int], None],
    height: int = 520,
) -> None:
    """Draw the map.

    Args:
        addresses: Where points, colours, words and pictures come from.
        categories: What the colour codes mean.
        key: Streamlit key, unique on the page.
        polygon: Outline to show as selected, in data coordinates.
        labels: Words on the map.
        on_select: Called with a drawn outline, or None when it is cleared.
        on_open: Called with the sample id of a clicked point.
        height: In pixels.
    """

    def drawn() -> None:
        event = st.session_state[key].get("drawn")
        if event is not None:
            corners = event.get("polygon")
            on_select(None if corners is None else tuple((float(x), float(y)) for x, y in corners))

    def opened() -> None:
        sample_id = st.session_state[key].get("opened")
        if sample_id is not None:
            on_open(int(sample_id))

    _mount(
        key=key,
        data={
            **asdict(addresses),
            "categories": [asdict(category) for category in categories],
            "labels": [asdict(label) for label in labels],
            "polygon": None if polygon is None else [list(corner) for corner in polygon],
            "height": height,
        },
        on_drawn_change=drawn,
        on_opened_change=opened,
    )
