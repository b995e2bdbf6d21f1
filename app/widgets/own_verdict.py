"""What people make of a finding: their own verdict, why, and who takes care of it."""

import streamlit as st

from app import people
from app.components.unsaved import left_behind, unsaved
from app.own_verdict import COLOURS, ICONS, MEANINGS, STATES, OwnVerdicts, complete, word
from app.queries import investigations
from app.queries.investigations import ConflictError, Item, StoreError
from app.queries.runs import RunKey
from app.widgets import draft
from app.widgets.both_versions import beside_theirs
from app.widgets.draft import Slot
from app.widgets.follow_up import follow_up
from app.widgets.history import history
from app.widgets.live import SECONDS
from app.widgets.notes import MAY_NOT
from app.widgets.signature import rival, signed
from app.widgets.text import escape_markdown

REASON_CHARACTERS = 500
NAME_CHARACTERS = 80
_FIELDS = ("reason", "assignee")


def own_verdict(key: RunKey, finding_id: str) -> None:
    """Draw the verdict that people gave, and what changes it; it follows what others do within three seconds."""
    _card(Slot(key, "verdict", finding_id))


def own_badges(own: OwnVerdicts, finding_id: str) -> str:
    """What people said of a finding as badges in a line of markdown; empty where nobody said anything."""
    value, badges = own.of(finding_id), []
    if value is not None:
        badges.append(f":{COLOURS[value['state']]}-badge[{ICONS[value['state']]} {word(value['state'])}]")
        if value["assignee"]:
            badges.append(f":gray-badge[:material/person: {escape_markdown(value['assignee'])}]")
    if finding_id in own.noted:
        badges.append(":gray-badge[:material/sticky_note_2: Note]")
    return " ".join(badges)


@st.fragment(run_every=SECONDS)
def _card(slot: Slot) -> None:
    with st.container(border=True, key=slot.key("card"), gap="xsmall", height="stretch"):
        st.markdown(
            "**What you make of it**", help="Your own verdict and your team's; what the test says stays as it is."
        )
        item, problem = draft.current(slot)
        if problem is None or draft.is_open(slot):
            _draw(slot, item)
        if problem is not None:
            st.caption(f":material/cloud_off: {escape_markdown(problem)}")


def _draw(slot: Slot, item: Item | None) -> None:
    with st.container(gap="xsmall"):  # one place among the elements, whatever it has to say
        _states(slot, item)
    if draft.is_open(slot):
        beside_theirs(slot, item, theirs=_said, mine=lambda: _form(slot, item))
        return
    if item is not None and complete(item.value)["state"] in ("confirmed", "fixed"):
        follow_up(slot.run, slot.subject)
    _shown(slot, item)


def _badge(state: str) -> None:
    st.markdown(f":{COLOURS[state]}-badge[{ICONS[state]} {word(state)}]", help=MEANINGS[state])


def _states(slot: Slot, item: Item | None) -> None:
    """One click saves; the key holds the version, so that what others choose shows."""
    value, version = complete(item.value if item else None), item.version if item else 0
    person = people.current()
    key = slot.key(f"state{version}")
    st.segmented_control(
        "Your verdict", STATES, default=value["state"], format_func=lambda state: f"{ICONS[state]} {word(state)}",
        key=key, required=True, label_visibility="collapsed", disabled=not person.may_edit,
        help=None if person.may_edit else MAY_NOT, on_change=_choose, args=(slot, key, value, version),
    )  # fmt: skip
    problem = st.session_state.get(slot.key("problem"))
    if problem is not None:
        st.warning(problem, icon=":material/group:")


def _choose(slot: Slot, key: str, value: dict[str, str], version: int) -> None:
    st.session_state.pop(slot.key("problem"), None)
    wanted = st.session_state.get(key) or value["state"]
    try:
        investigations.put(slot.run, slot.kind, slot.subject, {**value, "state": wanted}, expected=version)
        if draft.is_open(slot):  # the own click is no version of somebody else's
            draft.move(slot, version + 1)
    except ConflictError as conflict:
        now = complete(conflict.current.value if conflict.current else None)["state"]
        other = rival(conflict.current.author) if conflict.current else "somebody"
        st.session_state[slot.key("problem")] = (
            f"**{word(now)}** was set just before your **{word(wanted)}**, by {other}. Choose again if yours holds."
        )
    except StoreError as error:
        st.session_state[slot.key("problem")] = escape_markdown(error)


def _said(item: Item) -> None:
    value = complete(item.value)
    _badge(value["state"])
    _reason(value)


def _reason(value: dict[str, str]) -> None:
    if value["reason"]:
        st.markdown(escape_markdown(value["reason"]))
    if value["assignee"]:
        st.markdown(f":gray[:material/person: Assigned to] {escape_markdown(value['assignee'])}")


def _shown(slot: Slot, item: Item | None) -> None:
    value, person = complete(item.value if item else None), people.current()
    fields = {name: value[name] for name in _FIELDS}
    _reason(value)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Reason and assignee", key=slot.key("edit"), type="tertiary", icon=":material/edit:",
            disabled=not person.may_edit, help=None if person.may_edit else MAY_NOT, on_click=draft.begin,
            args=(slot, item.version if item else 0, fields),
        )  # fmt: skip
        if item is not None:
            st.caption(signed(item.author, item.at), width="content")
        history([slot])
        if person.may_edit:
            left_behind(
                slot.key("left"), {slot.key(name): text for name, text in fields.items()},
                found=lambda version: draft.begin(slot, version, fields),
            )  # fmt: skip


def _form(slot: Slot, item: Item | None) -> None:
    conflict = draft.others_version(slot, item)
    version, value = item.version if item else 0, complete(item.value if item else None)
    with st.form(slot.key("form"), border=False, enter_to_submit=False):  # not sent by a click elsewhere
        st.text_area(
            "Reason", key=slot.key("reason"), max_chars=REASON_CHARACTERS, height=80,
            persist_state="session",
        )  # fmt: skip
        st.text_input(
            "Assigned to", key=slot.key("assignee"), max_chars=NAME_CHARACTERS, persist_state="session",
            placeholder="Who takes care of it",
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(
                "Save mine instead" if conflict else "Save", type="primary", on_click=draft.save,
                key=slot.key(f"save_over_{version}" if conflict else "save"),
                args=(slot, lambda: {"state": value["state"], **_written(slot)}),
                kwargs={"expected": version if conflict else draft.seen(slot)},
            )  # fmt: skip
            st.form_submit_button("Cancel", key=slot.key("cancel"), on_click=draft.drop, args=(slot,))
    unsaved(slot.key("unsaved"), {slot.key(name): value[name] for name in _FIELDS}, version=draft.seen(slot))
    failure = draft.failure(slot)
    if failure is not None:
        st.error(f"{escape_markdown(failure)} Your text is still in the box.", icon=":material/cloud_off:")


def _written(slot: Slot) -> dict[str, str]:
    return {name: str(st.session_state.get(slot.key(name)) or "").strip() for name in _FIELDS}
