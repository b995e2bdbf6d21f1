"""A gallery of pictures: click or arrow keys and Enter; pictures come by address, names arrive as text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "faultline_gallery",
    html='<div class="tags" role="toolbar" aria-label="Tags" hidden></div><div class="gallery" role="listbox"></div>',
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
    tag: str = ""
    """What people said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """What the keys of a gallery do to the tile that has the focus, or to all that are chosen."""

    words: Mapping[str, str]
    """Key → the tag it sets; 0 takes it away, U undoes."""
    may_tag: bool
    on_tag: Callable[[list[int], str | None], str]
    on_undo: Callable[[], str]
    """Both give what to tell the person, "" for nothing, and call nothing of Streamlit's once they have saved."""


def gallery(
    tiles: Sequence[Tile],
    *,
    key: str,
    label: str,
    on_open: Callable[[int], None],
    selected: int | None = None,
    size: int = 132,
    tagging: Tagging | None = None,
) -> None:
    """Show pictures in a grid; a click or Enter opens one.

    With `tagging`, digits tag the picture in focus and go on to the next; space, Shift with arrows or click, and Ctrl
    with click or A choose several, which then are tagged together.

    Args:
        tiles: The pictures of one page, at most about 100.
        key: Streamlit key, unique on the page.
        label: What the gallery shows, for screen readers.
        on_open: Called with the sample id, before the page is drawn again.
        selected: Sample id to mark.
        size: Smallest width of a tile in pixels.
        tagging: What the digit keys do; None where pictures cannot be tagged.
    """

    def opened() -> None:
        sample_id = st.session_state[key].get("opened")
        if sample_id is not None:
            on_open(int(sample_id))

    def acted() -> None:
        if tagging is not None:
            told = st.session_state[key].get("actions") or []
            ledger: _Ledger = st.session_state.setdefault(f"{key}_ledger", _Ledger())
            for message in ledger.take(told, tagging):
                st.toast(message)

    _mount(
        key=key,
        data={
            "tiles": [asdict(tile) for tile in tiles],
            "label": label,
            "selected": selected,
            "size": size,
            "tags": None if tagging is None else dict(tagging.words),
            "may_tag": tagging is not None and tagging.may_tag,
        },
        on_opened_change=opened,
        on_actions_change=acted,
    )


class _Ledger:
    """Which actions of a gallery were done: the browser repeats the last ones, so that none gets lost.

    A key pressed while an answer is being worked out interrupts that at any call of Streamlit's, so an action is marked
    the moment it is done, and without Streamlit.
    """

    def __init__(self) -> None:
        self.done = 0
        self.lock = Lock()

    def take(self, told: list[Any], tagging: Tagging) -> list[str]:
        """Do what is new, in the order in which it was done in the browser; gives what to tell the person."""
        messages = []
        with self.lock:
            known = [one for one in told if isinstance(one, dict) and isinstance(one.get("number"), int | float)]
            for action in sorted(known, key=lambda one: one["number"]):
                if action["number"] > self.done:
                    messages.append(_act(action, tagging))
                    self.done = action["number"]
        return [message for message in messages if message]


def _act(action: dict[str, Any], tagging: Tagging) -> str:
    """One action; the browser's word is checked, since anybody can send anything."""
    if action.get("undo"):
        return tagging.on_undo()
    samples = [one for one in action.get("samples") or [] if isinstance(one, int)]
    tag = action.get("tag")
    if samples and (tag is None or tag in tagging.words.values()):
        return tagging.on_tag(samples, tag)
    return ""
