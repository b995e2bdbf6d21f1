"""The embedding map: every sample as a point in WebGL, with lasso and box; a million points stay fluid.

Points and colours come by address, once; a drawn outline goes to Python as a few corners. What is seen stands in the
address (`map_view`), written there by the browser alone. Without WebGL 2 a picture of their density comes from the
server. The module is made of plain JavaScript files, put together here in the order of their use.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from app.queries.colourings import Category
from app.queries.outlines import Area, Outline
from app.queries.points import Box, Label

_FOLDER = Path(__file__).parent
_FILES = (
    "camera.js", "codes.js", "outline.js", "selection.js", "nearest.js", "points.js", "density.js", "overlay.js",
    "legend.js", "tip.js", "cursor.js", "gestures.js", "address.js", "map.js",
)  # fmt: skip
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
    wrong: str
    """N bits, lowest first: which samples are wrong."""
    density: str
    """A picture, given box, width, height and hide."""
    cell: str
    """JSON with `text` and `sample`, an id or −1: what lies inside, given box and hide."""
    describe: str
    """JSON with `text`, shown beside a point, and `neighbours`, the ids that lines lead to."""
    picture: str


def embedding_map(
    addresses: Addresses,
    categories: Sequence[Category],
    *,
    key: str,
    bounds: Box,
    count: int,
    area: Area | None,
    labels: Sequence[Label],
    note: str,
    has_trust: bool,
    on_select: Callable[[Area | None], None],
    on_open: Callable[[int], None],
    height: int = 560,
) -> None:
    """Draw the map.

    Args:
        addresses: Where points, colours, words and pictures come from.
        categories: What the colour codes mean.
        key: Streamlit key, unique on the page.
        bounds: The smallest box around all points.
        count: N, how many points there are.
        area: Outlines to show as selected.
        labels: Words on the map.
        note: Words at the end of the legend.
        has_trust: Whether the codes tell which points stand among strangers.
        on_select: Called with the outlines of a selection, or None when it is cleared.
        on_open: Called with the sample id of a clicked point.
        height: In pixels.
    """

    def drawn() -> None:
        event = st.session_state[key].get("drawn")
        if event is not None:
            on_select(_area(event.get("area")))

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
            "area": [asdict(outline) for outline in area or ()],
            "bounds": bounds,
            "count": count,
            "note": note,
            "has_trust": has_trust,
            "height": height,
        },
        on_drawn_change=drawn,
        on_opened_change=opened,
    )


def _area(drawn: Sequence[Any] | None) -> Area | None:
    outlines = tuple(
        Outline(tuple((float(x), float(y)) for x, y in outline["corners"]), bool(outline["keep"]))
        for outline in drawn or ()
    )
    return outlines or None
