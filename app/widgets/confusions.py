"""What the wrong ones among some samples are taken for."""

import streamlit as st

from analysis.arrays import IntArray
from app.queries import clusters as queries
from app.queries.runs import RunKey
from app.widgets.text import count, escape_markdown


def confusions(key: RunKey, ids: IntArray, *, repaired: bool) -> None:
    """One line a pair: what the wrong ones of these samples are taken for."""
    pairs = queries.confused_as(key, ids, repaired=repaired)
    if len(pairs) and pairs["count"].max() == 1:
        st.caption("Among its errors no label → prediction occurs twice.")
        return
    lines = [
        f"{escape_markdown(row.label)} → {escape_markdown(row.prediction)}: {count(row.count, 'sample')}"
        for row in pairs.itertuples(index=False)
    ]
    if lines:
        st.markdown("**Most frequent errors**  \n" + "  \n".join(lines))
