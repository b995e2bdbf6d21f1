"""A note on something in a run, which everybody sees and editors write; changes by others appear by themselves."""

import streamlit as st

from app import people
from app.components.unsaved import left_behind, unsaved
from app.queries import investigations
from app.queries.investigations import Item
from app.queries.runs import RunKey
from app.widgets import draft
from app.widgets.both_versions import beside_theirs
from app.widgets.draft import Slot
from app.widgets.history import history
from app.widgets.live import SECONDS
from app.widgets.signature import signed
from app.widgets.text import escape_markdown

CHARACTERS = 20_000
MAY_NOT = "Only editors can change things here; you can look and export."
_HELP = "Markdown: **bold**, lists, tables, code. HTML and pictures are shown as text."


def notes(key: RunKey, subject: str) -> None:
    """Draw the note on something, and what is needed to write it; it follows what others do within three seconds.

    Mount it wherever that something is shown: ``notes(key, "cluster:3")``.

    Args:
        key: The run.
        subject: ``finding:ID``, ``cluster:N``, ``class:N`` or ``sample:N``.
    """
    _note(Slot(key, "note", subject))


@st.fragment(run_every=SECONDS)
def _note(slot: Slot) -> None:
    with st.container(border=True, key=slot.key("card"), gap="xsmall"):
        st.markdown("**Note**", help=_HELP)
        item, problem = draft.current(slot)
        if problem is None or draft.is_open(slot):
            _draw(slot, item)
        if problem is not None:
            st.caption(f":material/cloud_off: {escape_markdown(problem)}")


def _draw(slot: Slot, item: Item | None) -> None:
    if draft.is_open(slot):
        beside_theirs(slot, item, theirs=_text, mine=lambda: _form(slot, item))
    else:
        _shown(slot, item)


def _text(item: Item) -> None:
    st.html(f'<div class="note">{investigations.note_html(_plain(item))}</div>')


def _plain(item: Item) -> str:
    return str(item.value.get("text") or "")


def _shown(slot: Slot, item: Item | None) -> None:
    if item is not None:
        _text(item)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        person = people.current()
        words = "Add a note" if item is None else "Edit"
        icon = ":material/add_comment:" if item is None else ":material/edit:"
        text = "" if item is None else _plain(item)
        st.button(
            words, key=slot.key("edit"), type="tertiary", icon=icon, disabled=not person.may_edit,
            help=None if person.may_edit else MAY_NOT, on_click=draft.begin,
            args=(slot, item.version if item else 0, {"text": text}),
        )  # fmt: skip
        if item is not None:
            st.caption(signed(item.author, item.at), width="content")
        history([slot])
        if person.may_edit:
            left_behind(
                slot.key("left"),
                {slot.key("text"): text},
                found=lambda version: draft.begin(slot, version, {"text": text}),
            )


def _form(slot: Slot, item: Item | None) -> None:
    """The box; what stands in it is nobody's but the writer's until it is saved."""
    conflict = draft.others_version(slot, item)
    version = item.version if item else 0
    with st.form(slot.key("form"), border=False, enter_to_submit=False):  # not sent by a click elsewhere
        st.text_area(
            "Your version", key=slot.key("text"), height="content", max_chars=CHARACTERS,
            placeholder="What did you see? What should the next person know?", persist_state="session",
            label_visibility="collapsed",
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            # Whoever sees both versions and saves has decided. The keys differ, so that a click on the button of
            # somebody who has not seen them yet is none on the other.
            st.form_submit_button(
                "Save mine instead" if conflict else "Save", type="primary", on_click=draft.save,
                key=slot.key(f"save_over_{version}" if conflict else "save"),
                args=(slot, lambda: _value(slot)),
                kwargs={"expected": version if conflict else draft.seen(slot)},
            )  # fmt: skip
            if conflict and item is not None:
                st.form_submit_button(
                    "Put both together", key=slot.key("both"), on_click=_join, args=(slot, item),
                    help="Their text above yours, in the box, to go on from.",
                )  # fmt: skip
            st.form_submit_button("Cancel", key=slot.key("cancel"), on_click=draft.drop, args=(slot,))
    saved = "" if item is None else _plain(item)
    unsaved(slot.key("unsaved"), {slot.key("text"): saved}, version=draft.seen(slot))
    failure = draft.failure(slot)
    if failure is not None:
        st.error(f"{escape_markdown(failure)} Your text is still in the box.", icon=":material/cloud_off:")


def _value(slot: Slot) -> dict[str, object] | None:
    text = str(st.session_state.get(slot.key("text")) or "").strip()
    return {"text": text} if text else None


def _join(slot: Slot, item: Item) -> None:
    mine = str(st.session_state.get(slot.key("text")) or "")
    theirs = _plain(item)
    draft.begin(slot, item.version, {"text": f"{theirs}\n\n{mine}"[:CHARACTERS]})
