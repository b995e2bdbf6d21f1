"""What the samples of a cluster share, and how far the cluster itself can be believed."""

import pandas as pd
import streamlit as st

from app.queries.clusterings import Shown
from app.widgets.terms import TERMS
from app.widgets.text import count, escape_markdown, percent

SOLID, DISSOLVED = 0.75, 0.5  # Hennig's marks for the mean Jaccard index
_SHOWN = 8
_KINDS = {"label": "label", "prediction": "prediction", "metadata": "metadata", "picture": "picture"}


def cluster_facts(shown: Shown, about: pd.Series) -> None:
    """Draw a line on stability, copies and old classes, and the table of what is over-represented."""
    st.markdown(" ".join(_badges(shown, about)))
    facts = shown.over_represented
    facts = facts[facts["cluster"] == about["cluster"]].head(_SHOWN)
    st.markdown("**More frequent in it than elsewhere**", help=TERMS["lift"])
    if facts.empty:
        st.caption("Nothing: no label, prediction, metadata or property of the picture stands out for certain.")
        return
    frame = pd.DataFrame(
        {
            "What": facts["text"],
            "From": facts["kind"].map(_KINDS),
            "Inside": [f"{percent(row.share, 0)} ({row.count:,})" for row in _rows(facts)],
            "In all": [percent(row.overall) for row in _rows(facts)],
            "Lift": [f"{row.lift:.1f}×  ({row.lift_low:.1f} to {row.lift_high:.1f})" for row in _rows(facts)],
        }
    )
    st.dataframe(frame, hide_index=True, key="clu_facts", alt="Values that are more frequent in the cluster")


def _badges(shown: Shown, about: pd.Series) -> list[str]:
    stable, badges = float(about["stability"]), list[str]()
    if looks := shown.how.get("looks", {}).get(int(about["cluster"])):
        badges.append(f":violet-badge[:material/visibility: found by how its pictures look: {escape_markdown(looks)}]")
    if stable == stable:  # noqa: PLR0124 - NaN
        colour = "green" if stable >= SOLID else "orange" if stable >= DISSOLVED else "red"
        word = "solid" if stable >= SOLID else "may differ" if stable >= DISSOLVED else "falls apart"
        badges.append(f":{colour}-badge[:material/join_inner: stability {stable:.2f}, {word}]")
    elif about["cluster"] in shown.edited.changed:
        badges.append(":gray-badge[:material/edit: edited by people, so its stability is not known]")
    if (copies := float(about["duplicate_share"])) > 0:
        badges.append(f":gray-badge[:material/content_copy: {percent(copies, 0)} have a copy in it]")
    if (old := float(about["old_share"])) == old:
        badges.append(f":blue-badge[old {percent(old, 0)}] :orange-badge[new {percent(1 - old, 0)}]")
    return badges


def how_it_was_judged(shown: Shown) -> str:
    """One sentence on the resampling, empty where there was none."""
    times, layouts = shown.how.get("resamplings", 0), shown.how.get("layouts", 0)
    if not times:
        return ""
    maps = f", on {count(layouts, 'other map')} too" if layouts else ""
    return f"Stability: clustered again {count(times, 'time')} with 80 % of the samples{maps}."


def _rows(facts: pd.DataFrame) -> list:  # type: ignore[type-arg]
    return list(facts.itertuples(index=False))
