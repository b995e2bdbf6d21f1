"""The page Examples: every sample as a picture, worst first, with filters and a drawer."""

import streamlit as st

from analysis.arrays import IntArray
from app import state
from app.queries import examples, runs
from app.queries.class_search import classes_like
from app.queries.examples import Filters
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.downloads import csv_link
from app.widgets.sample_drawer import sample_drawer
from app.widgets.sample_gallery import sample_gallery
from app.widgets.text import count, escape_markdown

PER_PAGE = 60
ANY = "Any"
PLAIN = {"cls": "ex_label", "cluster": "ex_cluster", "finding": "ex_flagged"}  # parameter of a link → its filter


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    st.title("Examples")
    if not runs.has_samples(key):
        states.pending("The gallery of all samples")
        return
    if runs.size(key) == 0:
        states.empty("This run has no usable samples.", hint="Look at the problems on the Runs page.")
        return
    if not _take_links(key):
        return
    filters = _filter_bar(key)
    order = examples.ordered(key, filters)
    _say_hidden(key, filters)
    _say_unmatched(key, filters)
    sample_drawer(key, order, page="examples", label="All examples")
    _gallery(key, filters, order)


def _take_links(key: RunKey) -> bool:
    """Set the filters that a link from another page names plainly; False when it names what is not there.

    The plain parameter stays in the URL until its filter is changed: a value set here does not get there by itself.
    """
    links = {
        "class": ("cls", lambda value: classes_like(key, f"#{value}").size > 0),
        "cluster": ("cluster", lambda value: value in _clusters(key)),
        "finding": ("finding", lambda value: value in examples.flags(key)),
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


def _filter_bar(key: RunKey) -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort = st.selectbox(
            "Worst first by", list(examples.SORTS), key="ex_sort", bind="query-params", on_change=_restart, width=170
        )
        outcome = st.segmented_control(
            "Prediction is", ["All", "Wrong", "Correct"], default="All", key="ex_outcome", bind="query-params",
            on_change=_restart, required=True,
        )  # fmt: skip
        group = "All"
        if runs.is_old(key) is not None:
            group = st.segmented_control(
                "Label's group", ["All", "Old", "New"], default="All", key="ex_group", bind="query-params",
                on_change=_restart, required=True,
            )  # fmt: skip
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
    if examples.flags(key):
        finding = st.selectbox(
            "Flagged by",
            [ANY, *examples.flags(key)],
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


def _gallery(key: RunKey, filters: Filters, order: IntArray) -> None:
    if not len(order):
        states.empty("No sample passes these filters.", icon=":material/filter_alt_off:", hint="Take one of them away.")
        return
    column, _ = examples.SORTS[filters.sort]
    pages = -(-len(order) // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_headline(key, filters, order), width="content")
        st.space("stretch")
        csv_link(key, "samples", "All samples as CSV")
    pictures = st.container()
    number = st.pagination(pages, key="ex_page", bind="query-params") if pages > 1 else 1
    shown = order[(number - 1) * PER_PAGE : number * PER_PAGE]
    with pictures:
        sample_gallery(
            key, shown, name="ex_gallery", label="Samples, worst first", badge=column, repaired=filters.repaired
        )
    st.caption("Arrow keys move between pictures, Enter opens one. In the drawer, ← and → walk on.")


def _headline(key: RunKey, filters: Filters, order: IntArray) -> str:
    judged = " after the supported fixes" if filters.repaired else ""
    found = f"**{count(len(order), 'sample')}**"
    if filters.outcome != "All":
        return f"{found}, all {filters.outcome.lower()}{judged}"
    wrong = int((~examples.correct(key, repaired=filters.repaired)[order]).sum())
    return f"{found}, {wrong:,} of them wrong{judged}"


if __name__ == "__main__":
    page()
