"""The page Duplicates: copies of pictures within the validation set and in the training set, and what they cost."""

import streamlit as st

from app import state
from app.queries import duplicates as queries
from app.queries import passing, runs
from app.queries.duplicates import TRAINING, WITHIN, Effect, Filters, Searched, Share
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.copy_pairs import copy_groups, copy_pairs
from app.widgets.downloads import csv_link
from app.widgets.one_of import one_of
from app.widgets.sample_drawer import sample_drawer
from app.widgets.text import count, percent

PAIRS_PER_PAGE, GROUPS_PER_PAGE = 30, 15


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    st.title("Duplicates")
    if not runs.has_samples(key):
        states.pending("The search for copies of pictures")
        return
    searched = queries.searched(key)
    if searched is None:
        _not_searched(key)
        return
    where = one_of("Where", [WITHIN, TRAINING], key="dup_where", label_visibility="collapsed", on_change=_restart)
    if where == TRAINING and not _was_compared(searched):
        return
    found = queries.all_pairs(key, where)
    if found is None or found.empty:
        _none(key, where, searched)
        return
    sample_drawer(key, None, page="duplicates", label="All duplicates")
    _effect(key, where)
    _copies(key, where)


def _not_searched(key: RunKey) -> None:
    if runs.meta(key).get("state") == "done":
        states.not_here(
            "The search for copies of pictures",
            "The stage was skipped, or the run is older than it. `python -m analysis run` with `--resume` and without "
            "`--skip duplicates` makes up for it.",
        )
    else:
        states.pending("The search for copies of pictures")


def _was_compared(searched: Searched) -> bool:
    if searched.listed is None:
        states.not_here(
            "A comparison with the training set",
            "The investigation names none. Set `data.train` to its manifest or folder and run again with `--resume`.",
        )
        return False
    if not searched.read:
        states.not_here(
            "A comparison with the training set",
            f"None of its {count(searched.listed, 'picture')} could be read on the machine of the run. Run again with "
            "`--resume` where they are.",
        )
        return False
    if searched.read < searched.listed:
        st.caption(
            f"{searched.listed - searched.read:,} of {count(searched.listed, 'training picture')} could not be read; "
            "copies among them are not known."
        )
    return True


def _none(key: RunKey, where: str, searched: Searched) -> None:
    n = count(runs.size(key), "validation picture")
    if where == WITHIN:
        said = f"None of the {n} is there twice."
    else:
        said = f"None of the {n} is among the {count(searched.read, 'training picture')} that were compared."
    states.empty(
        said, icon=":material/check_circle:", hint="Re-encoded, resized and slightly cropped copies would have counted."
    )


def _effect(key: RunKey, where: str) -> None:
    chosen = passing.current(key)
    told = queries.effect(key, where, chosen)
    if not told.now.n:
        states.empty("No sample passes the filter.", icon=":material/filter_alt_off:", hint="Widen it above.")
        return
    st.markdown(_sentence(told, where, filtered=bool(chosen)))
    counted = (
        ("Every picture once", told.without, "Copies of a picture share one vote, so no picture counts twice.")
        if where == WITHIN
        else ("Without them", told.without, "Only samples that are not in the training set.")
    )
    cards = [
        ("Accuracy today", told.now, "Share of the samples that are right. Below every number its 95 % interval."),
        counted,
    ]
    if told.mixed is not None:
        cards.append(
            ("Same mix of classes", told.mixed, "Without them, each class weighted as in the whole set: what is left "
             "then is no change of classes. Classes that are in the training set altogether do not count.")
        )  # fmt: skip
    cards.append(("On the copies alone", told.copied, "Only samples that have a copy."))
    with st.container(horizontal=True, gap="small"):
        for label, share, hint in cards:
            _card(label, share, None if share is told.now else told.now, hint)


def _sentence(told: Effect, where: str, *, filtered: bool) -> str:
    n = told.now.n
    which = " that pass the filter" if filtered else ""
    part = f"**{told.copied.n:,} of {count(n, 'validation sample')}**{which} ({percent(told.copied.n / max(1, n))})"
    has = "has" if told.differ == 1 else "have"
    labels = f"{told.differ:,} of them {has} a copy under another label" if told.differ else "the labels agree"
    if where == WITHIN:
        shown = f"{part} show a picture that is in the set more than once ({count(told.groups, 'picture')}); {labels}."
        return f"{shown} Counted once each, accuracy is {percent(told.without.value)} instead of {_now(told)}."
    shown = f"{part} are in the training set, so the model may remember them; {labels}."
    return f"{shown} Without them, accuracy is {percent(told.without.value)} instead of {_now(told)}."


def _now(told: Effect) -> str:
    return percent(told.now.value)


def _card(label: str, share: Share, now: Share | None, hint: str) -> None:
    points = None if now is None or not share.n else f"{100 * (share.value - now.value):+.1f} points"
    with st.container(border=True, width=180, height="stretch", gap="xxsmall"):
        st.metric(label, percent(share.value), delta=points, delta_color="off", delta_arrow="off", help=hint)
        if share.n:
            st.caption(f"{percent(share.low)} to {percent(share.high)}  \nn = {share.n:,}")
        else:
            st.caption("There are none.")


def _restart() -> None:
    st.session_state["dup_page"] = 1


def _copies(key: RunKey, where: str) -> None:
    filters, view = _filter_bar(key, where)
    groups = queries.members(key, filters) if view == "Groups" else None
    pairs = queries.pairs(key, where, filters)
    total, size = (len(pairs), PAIRS_PER_PAGE) if groups is None else (len(groups), GROUPS_PER_PAGE)
    if not total:
        states.empty("No pair passes these filters.", icon=":material/filter_alt_off:", hint="Take one of them away.")
        return
    pages = -(-total // size)
    place = st.container()
    number = st.pagination(pages, key="dup_page", bind="query-params") if pages > 1 else 1
    start = (number - 1) * size
    with place:
        st.caption(f"{count(total, 'pair' if groups is None else 'group')}. A click on a picture shows all about it.")
        if groups is None:
            copy_pairs(key, pairs.iloc[start : start + size])
        else:
            copy_groups(key, groups[start : start + size])


def _filter_bar(key: RunKey, where: str) -> tuple[Filters, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = "Pairs"
        if where == WITHIN:
            view = _choice("Show", ["Pairs", "Groups"], "dup_view")
        kind = _choice("Copies", list(queries.KINDS), "dup_kind")
        labels = _choice("Labels", list(queries.LABELS), "dup_labels")
        order = st.selectbox(
            "First", list(queries.ORDERS), key="dup_order", bind="query-params", on_change=_restart, width=160
        )
        st.space("stretch")
        what, label = ("duplicates", "All pairs as CSV") if where == WITHIN else ("leaks", "All leaks as CSV")
        csv_link(key, what, label, hint="Every pair of the run, whatever the filters here and above say")
    return Filters(kind=kind, labels=labels, order=order, passing=passing.current(key)), view


def _choice(label: str, options: list[str], key: str) -> str:
    return one_of(label, options, key=key, on_change=_restart)


if __name__ == "__main__":
    page()
