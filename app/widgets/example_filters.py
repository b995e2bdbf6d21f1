"""The filters of the Examples page: all in the URL, set by links from other pages, said when they work unseen."""

import streamlit as st

from app import state
from app.queries import examples, runs
from app.queries import filters as expressions
from app.queries.class_search import classes_like
from app.queries.examples import Filters
from app.queries.flags import flags
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.one_of import one_of
from app.widgets.text import count, escape_markdown

ANY = "Any"
PLAIN = {"cls": "ex_label", "cluster": "ex_cluster", "finding": "ex_flagged"}  # parameter of a link → its filter


def take_links(key: RunKey) -> bool:
    """Set the filters that a link from another page names plainly; False when it names what is not there.

    The plain parameter stays in the URL until its filter is changed: a value set here does not get there by itself.
    """
    links = {
        "class": ("cls", lambda value: classes_like(key, f"#{value}").size > 0),
        "cluster": ("cluster", lambda value: value in _clusters(key)),
        "finding": ("finding", lambda value: value in flags(key)),
    }
    for kind, (name, is_here) in links.items():
        value = state.link_value(name)
        if value is None:
            continue
        if not is_here(value):
            states.unknown_in_link(kind, value, page="examples", label="All examples")
            return False
        st.session_state[PLAIN[name]] = f"#{value}" if name == "cls" else value
    return True


def _clusters(key: RunKey) -> list[str]:
    frame = runs.clusters(key)
    return [] if frame.empty else [str(number) for number in frame["cluster"]]


def _restart(plain: str = "") -> None:
    """A changed filter goes back to the first page, and takes the place of the link's `plain` parameter."""
    st.session_state["ex_page"] = 1
    st.query_params.pop(plain, None)


def filter_bar(key: RunKey) -> Filters:
    """Draw the filters and give their values."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort = st.selectbox(
            "Worst first by", list(examples.SORTS), key="ex_sort", bind="query-params", on_change=_restart, width=170
        )
        outcome = one_of("Prediction is", ["All", "Wrong", "Correct"], key="ex_outcome", on_change=_restart)
        group = "All"
        if runs.is_old(key) is not None:
            group = one_of("Label's group", ["All", "Old", "New"], key="ex_group", on_change=_restart)
        label = _class_input("Label", "ex_label", "cls")
        prediction = _class_input("Prediction", "ex_pred", "")
        repaired = False
        if examples.has_repaired(key):
            repaired = st.toggle(
                "After the supported fixes", key="ex_fixes", bind="query-params", on_change=_restart,
                help="Judge the predictions that would be made with every supported fix of the checklist applied.",
            )  # fmt: skip
        with st.popover("More filters", icon=":material/tune:"):
            more = _more_filters(key)
    return Filters(
        sort=sort,
        outcome=outcome or "All",
        group=group or "All",
        label=label.strip(),
        prediction=prediction.strip(),
        repaired=repaired,
        where=expressions.current(),
        **more,
    )


def _class_input(label: str, key: str, plain: str) -> str:
    return st.text_input(
        label, key=key, bind="query-params", on_change=_restart, args=(plain,), placeholder="name or #index", width=190,
        help="Part of a class name, or `#12` for the class with index 12.",
    )  # fmt: skip


def _more_filters(key: RunKey) -> dict[str, object]:
    chosen: dict[str, object] = {}
    chosen["reverse"] = st.toggle("Best first instead", key="ex_reverse", bind="query-params", on_change=_restart)
    if _clusters(key):
        cluster = st.selectbox(
            "In cluster",
            [ANY, *_clusters(key)],
            key="ex_cluster",
            bind="query-params",
            on_change=_restart,
            args=("cluster",),
        )
        chosen["cluster"] = None if cluster == ANY else int(cluster)
    if flags(key):
        finding = st.selectbox(
            "Flagged by",
            [ANY, *flags(key)],
            key="ex_flagged",
            bind="query-params",
            on_change=_restart,
            args=("finding",),
        )
        chosen["finding"] = "" if finding == ANY else finding
    if runs.metadata_columns(key):
        chosen |= _metadata_filter(key)
    return chosen


def _metadata_filter(key: RunKey) -> dict[str, object]:
    column = st.selectbox(
        "Metadata column", [ANY, *runs.metadata_columns(key)], key="ex_column", bind="query-params", on_change=_restart
    )
    if column == ANY:
        return {}
    values = examples.metadata_values(key, column)
    if values is None:
        value = st.text_input("has the value", key="ex_value", bind="query-params", on_change=_restart)
    else:
        value = st.selectbox(
            "has the value", values, index=None, key="ex_value", bind="query-params", on_change=_restart
        )
    return {"column": column, "value": value or ""}


def say_filters(key: RunKey, filters: Filters) -> None:
    """Say which filters work behind “More filters”, and which class filters match nothing or many."""
    _say_hidden(key, filters)
    _say_unmatched(key, filters)


def _say_hidden(key: RunKey, filters: Filters) -> None:
    """Filters behind “More filters” must not work unseen."""
    titles = {finding["id"]: finding["title"] for finding in (runs.findings(key) or {}).get("findings", [])}
    active = []
    if filters.finding:
        active.append(f"flagged by “{escape_markdown(titles.get(filters.finding, filters.finding))}”")
    if filters.cluster is not None:
        active.append(f"in cluster {filters.cluster}")
    if filters.column and filters.value:
        active.append(f"{escape_markdown(filters.column)} = {escape_markdown(filters.value)}")
    if filters.reverse:
        active.append("best first")
    if active:
        st.caption("More filters: " + " · ".join(active))


def _say_unmatched(key: RunKey, filters: Filters) -> None:
    for kind, text in (("label", filters.label), ("prediction", filters.prediction)):
        matches = classes_like(key, text).size if text else 1
        if matches == 0:
            st.warning(f"No class is called “{escape_markdown(text)}” or holds it in its name ({kind} filter).")
        elif text and matches > 1:
            st.caption(f"The {kind} filter “{escape_markdown(text)}” matches {count(matches, 'class', 'classes')}.")
