"""What became of the run that a link means: gone, moved, or another one under the same name."""

import time
from dataclasses import dataclass

import streamlit as st

from analysis.errors import AnalysisError
from analysis.runs.mark import RunMark
from app import state
from app.links.arrival import MARK, MOVED
from app.links.versions import PARAMETER, VERSION
from app.queries import catalog, investigations
from app.queries.jobs import duration
from app.queries.run_list import RunEntry
from app.widgets import states
from app.widgets.text import escape_markdown

_NAMED = "lost_named"  # in the session: the run name that came with a mark
_MEANS = {
    "checkpoint": "another checkpoint: predictions, logits, clusters, map and verdicts are another model's",
    "data": "another validation set: a sample's number here means another picture",
    "classes": "another class list: a class's number may mean another class",
    "preprocessing": "other preprocessing: the network saw other pictures, so its answers differ",
}
_STANDS = {
    ("checkpoint",): "The pictures, their labels and their classes are the same; filters on those mean the same.",
    ("preprocessing",): "The pictures, their labels and their classes are the same; filters on those mean the same.",
    ("checkpoint", "preprocessing"): "The pictures, their labels and their classes are the same.",
    ("data",): "The model and its classes are the same; what the link says of classes still holds.",
}


@dataclass(frozen=True, slots=True)
class Lost:
    """A link's run that is not here as the link means it."""

    named: str
    mark: RunMark
    here: RunEntry | None  # another run of that name


def lost_run(entries: list[RunEntry]) -> Lost | None:
    """What the link means, where that is not here under its name; None where all is well, or nothing can be checked."""
    said = state.link_value(MARK) or ""
    mark = RunMark.parse(said)
    if mark is None:
        return None
    # A name that is no run leaves the address as soon as the run picker has seen it.
    named = state.link_value(state.RUN) or st.session_state.get(_NAMED, {}).get(said, "")
    st.session_state[_NAMED] = {said: named}
    here = next((entry for entry in entries if entry.id == named), None)
    if here is not None and here.mark.identity == mark.identity:
        return None
    return Lost(named, mark, here)


def show_lost(lost: Lost) -> None:
    """Tell what became of the run, what still can be shown, and the way there."""
    if lost.here is not None:
        _another(lost.here, lost.mark)
    else:
        _gone(lost.named, lost.mark)


def say_how_it_came(shown: str | None) -> None:
    """Say so where the run has another name than in the link, or a later version made the link."""
    moved, said = state.link_value(MOVED), state.link_value(PARAMETER) or ""
    if moved is not None and shown is not None:
        st.caption(
            f":material/drive_file_move: The link calls this run “{escape_markdown(moved)}”; here it is called "
            f"“{escape_markdown(shown)}”. Checkpoint, validation set, class list and preprocessing are the same, so "
            "everything in the link holds."
        )
    if said.isascii() and said.isdigit() and int(said[:9]) > VERSION:
        st.caption(
            ":material/update: This link was made by a later version of Faultline. What this one does not know is "
            "left out."
        )


def _another(here: RunEntry, mark: RunMark) -> None:
    differing = here.mark.differences(mark)
    lines = [f"- {_MEANS[name]}" for name in differing] or ["- it is not known what differs"]
    stands = _STANDS.get(differing, "Little of what the link says can be trusted here.")
    states.empty(
        f"“{escape_markdown(here.id)}” is not the run that this link means.",
        icon=":material/difference:",
        hint="It has the same name, but\n" + "\n".join(lines) + f"\n\n{stands}",
        action=_show_it,
    )


def _gone(named: str, mark: RunMark) -> None:
    deleted = next((found for found in catalog.trash().listed() if found.run == named), None)
    if deleted is not None:
        ago = duration(max(0.0, time.time() - deleted.at))
        hint = f"{escape_markdown(deleted.author)} deleted it {ago} ago. On the page Runs it can be fetched back."
    else:
        hint = "It was deleted or moved away, or it lies on another machine. No run here has the same content."
    states.empty(
        f"The run “{escape_markdown(named)}” is gone.",
        icon=":material/link_off:",
        hint=f"{hint} {_kept(mark)}",
        action=lambda: state.page_link("runs", "All runs", icon=":material/list:"),
    )


def _kept(mark: RunMark) -> str:
    try:
        number = investigations.changes_of(mark.identity)
    except AnalysisError:
        return ""
    return "What people added to it is kept, and shows again when it comes back." if number else ""


def _show_it() -> None:
    st.button(
        "Show what is here", icon=":material/arrow_forward:", key="lost_another", on_click=forget_link
    )  # fmt: skip


def forget_link() -> None:
    """What the link meant no longer matters: another run was chosen, or this one is looked at as it is."""
    for name in (MARK, MOVED, PARAMETER):
        st.query_params.pop(name, None)
