"""What somebody is writing: kept apart from what is saved until they save it, whatever others do meanwhile."""

import re
import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from app.queries import investigations
from app.queries.investigations import ConflictError, Item, StoreError
from app.queries.runs import RunKey

_PLAIN = re.compile("[^A-Za-z0-9_]")


class Slot(NamedTuple):
    """The item that a draft is of."""

    run: RunKey
    kind: str
    subject: str

    def key(self, part: str) -> str:
        """Name of a widget or of something remembered; also a CSS class, so of plain characters."""
        plain = _PLAIN.sub(lambda found: f"-{ord(found[0]):x}-", self.subject.replace(":", "_"))
        return f"{self.kind}_{plain}_{part}_{zlib.crc32(self.run.id.encode()):x}"


def current(slot: Slot) -> tuple[Item | None, str | None]:
    """The item as it is now, and why it cannot be read; then the item as it was when it last could.

    So a database that is away for a moment does not take away the box that somebody is writing in.
    """
    try:
        found = investigations.item(slot.run, slot.kind, slot.subject)
    except StoreError as error:
        return st.session_state.get(slot.key("last")), str(error)
    st.session_state[slot.key("last")] = found
    return found, None


def is_open(slot: Slot) -> bool:
    """Whether somebody is writing in this session."""
    return slot.key("seen") in st.session_state


def begin(slot: Slot, version: int, fields: Mapping[str, str]) -> None:
    """Start writing, from what stands there now.

    Args:
        slot: The item.
        version: Its version that the person sees; 0 where there is none.
        fields: Content of each field; its widget has the key `slot.key(field)`.
    """
    st.session_state[slot.key("seen")] = version
    for name, text in fields.items():
        st.session_state[slot.key(name)] = text


def move(slot: Slot, version: int) -> None:
    """Go on writing from another version, one of the writer's own."""
    st.session_state[slot.key("seen")] = version


def seen(slot: Slot) -> int:
    """Version that the draft started from."""
    return int(st.session_state.get(slot.key("seen"), 0))


def drop(slot: Slot) -> None:
    """Stop writing; what was written is gone."""
    st.session_state.pop(slot.key("seen"), None)
    st.session_state.pop(slot.key("failed"), None)


def save(slot: Slot, value: Callable[[], Mapping[str, object] | None], *, expected: int) -> None:
    """Save the draft and stop writing; where that fails the draft stays as it is. For callbacks of buttons.

    Args:
        slot: The item.
        value: Makes the value of the widgets' contents.
        expected: Version that the person saw when they decided to save.
    """
    st.session_state.pop(slot.key("failed"), None)
    try:
        investigations.put(slot.run, slot.kind, slot.subject, value(), expected=expected)
    except ConflictError:
        return  # the page shows both versions, since the draft's version is not the present one any more
    except StoreError as error:
        st.session_state[slot.key("failed")] = str(error)
        return
    drop(slot)


def failure(slot: Slot) -> str | None:
    """Why the last attempt to save failed."""
    found: str | None = st.session_state.get(slot.key("failed"))
    return found


def others_version(slot: Slot, current: Item | None) -> bool:
    """Whether somebody has changed the item since the draft was begun."""
    return is_open(slot) and (current.version if current else 0) != seen(slot)
