"""The script that Streamlit runs for every page: the menu, the run picker, and the boundary that catches failures."""

from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from app import state
from app.collector import page_begins
from app.queries import jobs
from app.queries.run_list import RunEntry, list_runs
from app.turns import turn
from app.widgets import states
from app.widgets.failures import show_failure
from app.widgets.filter_bar import not_filtered
from app.widgets.header import header
from app.widgets.job_progress import watch
from app.widgets.lost_run import lost_run, say_how_it_came, show_lost
from app.widgets.text import escape_markdown
from app.widgets.welcome import welcome

# One line a page: file in views/ (also its address), title, icon.
PAGES = (
    ("overview", "Overview", ":material/dashboard:"),
    ("checklist", "Checklist", ":material/checklist:"),
    ("logits", "Logits", ":material/bar_chart:"),
    ("classes", "Classes", ":material/category:"),
    ("examples", "Examples", ":material/photo_library:"),
    ("clusters", "Clusters", ":material/bubble_chart:"),
    ("slices", "Slices", ":material/content_cut:"),
    ("duplicates", "Duplicates", ":material/content_copy:"),
    ("find_more", "Find more", ":material/travel_explore:"),
    ("runs", "Runs", ":material/list:"),
)
ICON = Path(__file__).parent / "favicon.png"  # a named icon would be fetched from the internet
ABOUT_NO_RUN = frozenset({"runs"})


def main() -> None:
    """Draw one page."""
    st.set_page_config(page_title="Faultline", page_icon=str(ICON), layout="wide")
    pages = {
        name: st.Page(state.page_file(name), title=title, icon=icon, url_path=name, default=name == state.DEFAULT_PAGE)
        for name, title, icon in PAGES
    }
    try:
        # Before the menu: a click on it keeps only the parameters whose widgets the browser has already seen.
        entries = list_runs()
        lost = lost_run(entries)
        unknown = None
        if lost is None:
            unknown = _settle_run([entry.id for entry in sorted(entries, key=lambda entry: entry.archived)])
        header(entries)
    except Exception as error:
        st.navigation(list(pages.values()), position="top")
        show_failure(error)
        return
    page = st.navigation(list(pages.values()), position="top")
    st.session_state[state.PAGE] = page.url_path
    say_how_it_came(st.session_state.get(state.RUN))
    try:
        if page in [pages[name] for name in ABOUT_NO_RUN]:
            page.run()
        elif lost is not None:
            show_lost(lost)
        elif unknown is not None:
            _unknown_run(unknown)
        elif not entries:
            welcome()
        else:
            _progress(entries)
            not_filtered(next(name for name, one in pages.items() if one == page))
            page.run()
    except Exception as error:  # the boundary: nothing a page does may end in a traceback
        show_failure(error)


def _settle_run(ids: list[str]) -> str | None:
    """Choose the newest run where the link names none; the id in the link when it names one that is not here."""
    asked = st.query_params.get(state.RUN)
    if asked is not None and asked not in ids:
        return asked
    if asked is None and st.session_state.get(state.RUN) in ids:
        # A click on the menu while the page was still loading took these out of the address: put them back.
        for name in (state.RUN, state.WHERE):
            if st.session_state.get(name):
                _put_back(name)
    elif asked is None:
        # A value given to a widget before it is first drawn does not reach the URL by itself.
        if ids and state.RUN not in st.session_state:
            st.query_params[state.RUN] = ids[0]
        st.session_state[state.RUN] = ids[0] if ids else None
    return None


def _put_back(name: str) -> None:
    chosen = st.session_state.pop(name)
    with suppress(StreamlitAPIException):  # already the widget's, which then brings it there itself
        st.query_params[name] = chosen
    st.session_state[name] = chosen


def _progress(entries: list[RunEntry]) -> None:
    """The bar of the job that is still writing the shown run, if there is one."""
    chosen = st.session_state.get(state.RUN)
    if chosen in [entry.id for entry in entries]:
        job = jobs.active_for(chosen)
        if job is not None:
            watch(job)


def _unknown_run(run_id: str) -> None:
    states.empty(
        f"There is no run called “{escape_markdown(run_id)}” here.",
        icon=":material/link_off:",
        hint="It was removed or renamed, or the link comes from another machine. Choose a run above, or see them all.",
        action=lambda: state.page_link("runs", "All runs", icon=":material/list:"),
    )


if __name__ == "__main__":
    with turn():
        page_begins()
        main()
