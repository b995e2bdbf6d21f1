"""What lies inside an outline drawn on the embedding map."""

import streamlit as st

from app.queries import examples, outlines
from app.queries.runs import RunKey
from app.widgets.confusions import confusions
from app.widgets.downloads import csv_link
from app.widgets.find_more_link import find_more_link
from app.widgets.sample_gallery import sample_gallery
from app.widgets.text import count, percent

PICTURES = 24


def selection_card(key: RunKey, area: str, *, repaired: bool) -> None:
    """Draw the card.

    Args:
        key: The run.
        area: An outline in link form.
        repaired: Judge predictions after the supported fixes.
    """
    ids = outlines.samples_inside(key, area)
    with st.container(border=True, key="clu_selection"):
        if not len(ids):
            st.subheader("Your selection is empty")
            st.caption("Draw around some points, or clear the selection.")
            return
        correct = examples.correct(key, repaired=repaired)
        wrong, overall = int((~correct[ids]).sum()), 1 - float(correct.mean())
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Your selection", width="content")
            st.space("stretch")
            find_more_link(area=area)
            csv_link(key, "samples", "Selection as CSV", area=area)
        st.markdown(
            f"**{wrong:,} of {count(len(ids), 'sample')} are wrong** ({percent(wrong / len(ids))}); "
            f"in the whole run it is {percent(overall)}."
        )
        confusions(key, ids, repaired=repaired)
        st.markdown(f"**Its samples**, largest loss first ({min(PICTURES, len(ids))} of {len(ids):,})")
        sample_gallery(key, ids[:PICTURES], name="clu_selected", label="Selected samples", repaired=repaired, size=108)
