"""How far a pool is: not begun, partly there, complete; what could not be read; and the button that goes on."""

import streamlit as st

from analysis.pool.pool import TRAINING, Pool, PoolState
from app import people
from app.queries import pools
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.text import count

MAY_NOT = "Only editors can start jobs here; you can look and export."
_SHOWN = 200  # problems


def pool_state(key: RunKey, kind: str) -> bool:
    """Draw what is to be said of a pool.

    Args:
        key: The run.
        kind: unlabeled | training.

    Returns:
        Whether there is anything to search yet.
    """
    found, opened = pools.state(key, kind), pools.pool(key, kind)
    if found is None or opened is None:
        _not_begun(key, kind)
        return False
    readable = found.done - found.problems
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.is_complete:
            st.caption(f"{count(readable, 'picture')} are embedded: the whole set.", width="content")
        else:
            st.caption(
                f"**{found.done:,} of {found.total:,}** pictures are embedded; results are of these.", width="content"
            )
            if not pools.is_running(key):
                _start(key, kind, "Go on")
        if found.problems:
            _problems(opened, found)
    if not found.done:
        states.empty("The first pictures will be here in a moment.", icon=":material/hourglass_top:")
    return readable > 0


def _not_begun(key: RunKey, kind: str) -> None:
    what = "The training set" if kind == TRAINING else "The unlabelled pool"
    if pools.is_running(key):
        states.empty(
            f"{what} is being read.", icon=":material/hourglass_top:", hint="The bar above shows how far the job is."
        )
    elif pools.is_named(key, kind):
        states.empty(
            f"{what} has not been embedded yet.",
            icon=":material/travel_explore:",
            hint="Every picture goes through the run's own network once, in a process of its own; it can be stopped "
            "and goes on where it was, and what is finished can be searched.",
            action=lambda: _start(key, kind, "Embed it now"),
        )
    else:
        option = " --training" if kind == TRAINING else ""
        setting = "data.train" if kind == TRAINING else "data.unlabeled"
        states.not_here(
            what,
            f"The investigation names none. Set `{setting}` and run it again with `--resume`, or name a folder on the "
            f"command line: `python -m analysis pool RUN{option} --source FOLDER`.",
        )


def _start(key: RunKey, kind: str, words: str) -> None:
    may = people.current().may_edit
    if st.button(
        words, icon=":material/play_arrow:", type="primary", key="more_start", disabled=not may,
        help=None if may else MAY_NOT,
    ):  # fmt: skip
        pools.start(key, kind)
        st.rerun()


def _problems(opened: Pool, found: PoolState) -> None:
    with st.popover(f"{found.problems:,} not readable", icon=":material/warning:"):
        st.caption(f"The first {min(_SHOWN, found.problems):,} of {found.problems:,}")
        st.dataframe(opened.problems.head(_SHOWN), hide_index=True)
