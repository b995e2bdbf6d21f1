"""What lies inside a selection drawn on the embedding map."""

import streamlit as st

from app import state
from app.queries import filters, outlines, runs, selection
from app.queries.runs import RunKey
from app.widgets.confusions import confusions
from app.widgets.downloads import csv_link
from app.widgets.find_more_link import find_more_link
from app.widgets.keep_selection import keep_selection, undo_keeping
from app.widgets.sample_gallery import sample_gallery
from app.widgets.text import count, escape_markdown, percent

PICTURES = 18
_LOOSE = 0.5  # share of neighbours inside below which a selection is no group in the original space


def selection_card(key: RunKey, area: str, *, repaired: bool) -> None:
    """Draw the card.

    Args:
        key: The run.
        area: A selection in link form.
        repaired: Judge predictions after the supported fixes.
    """
    where = filters.current()
    ids = outlines.samples_inside(key, area, where)
    with st.container(border=True, key="clu_selection"):
        if not len(ids):
            st.subheader("Your selection is empty")
            unseen = " that passes the filter" if where else ""
            st.caption(f"No sample{unseen} lies inside this outline. Draw around some points, or clear the selection.")
            return
        _head(key, area, where)
        undo_keeping(key)
        _errors(key, area, where, repaired=repaired)
        _closed(key, area, where)
        rest = st.container()  # what is worked out longer is filled in after the pictures
        st.markdown(f"**Its samples**, largest loss first ({min(PICTURES, len(ids))} of {len(ids):,})")
        sample_gallery(key, ids[:PICTURES], name="clu_selected", label="Selected samples", repaired=repaired, size=96)
        with rest:
            left, right = st.columns(2, gap="medium")
            with left:
                _facts(key, area, where, repaired=repaired)
            with right:
                confusions(key, ids, repaired=repaired)


def _head(key: RunKey, area: str, where: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Your selection", width="content")
        st.space("stretch")
        st.link_button(
            "Show in Examples",
            state.href("examples", key.id, where=outlines.expression(area, where)),
            icon=":material/photo_library:",
            help="Opens the gallery with the selection as the filter of every page",
        )
        find_more_link(area=area)
        keep_selection(key, area, where)
        csv_link(key, "samples", "CSV", hint="The selected samples, one a row", area=area, **_filter(where))


def _filter(where: str) -> dict[str, str]:
    return {"where": where} if where else {}


def _errors(key: RunKey, area: str, where: str, *, repaired: bool) -> None:
    found = selection.excess(key, area, where, repaired=repaired)
    st.markdown(
        f"**{found.errors:,} of {count(found.size, 'sample')} are wrong** ({percent(found.errors / found.size)})."
    )
    if found.size == runs.size(key):
        st.caption("These are all samples of the run.")
        return
    sure = "" if found.low <= 0 <= found.high else ", more than chance"
    st.markdown(
        f"Where their classes fail as elsewhere it would be {found.expected:,.1f}: "
        f"**{_signed(found.excess)} errors** (95 %: {_signed(found.low)} to {_signed(found.high)}{sure}).",
        help="Each class' error rate outside the selection, times its samples inside.",
    )


def _signed(number: float) -> str:
    return f"{number:+,.1f}".replace("-", "−")


def _closed(key: RunKey, area: str, where: str) -> None:
    share = selection.closed(key, area, where)
    if share is None:
        return
    loose = share < _LOOSE and not where
    icon, tail = (":material/warning: ", ": no group in the original space") if loose else ("", "")
    st.caption(
        f"{icon}{percent(share, 0)} of their nearest neighbours in the original space are inside, too{tail}.",
        help="The map may draw strangers together and tear groups apart; the neighbours of the embeddings do not.",
    )


def _facts(key: RunKey, area: str, where: str, *, repaired: bool) -> None:
    found = selection.facts(key, area, where, repaired=repaired)
    st.markdown("**Over-represented**", help="Values that are more frequent inside than in the whole run, surely so.")
    if not found:
        st.caption("No label, prediction or metadata value clearly is.")
        return
    lines = [
        f"{escape_markdown(fact.words)}: {fact.count:,} ({percent(fact.share, 0)}), "
        f"**{fact.lift:.1f} ×** as frequent ({fact.low:.1f} – {fact.high:.1f})"
        for fact in found
    ]
    st.markdown("  \n".join(lines))
