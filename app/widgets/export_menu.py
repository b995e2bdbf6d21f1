"""The exports of a run, and of the samples that the link chooses, in one small popover."""

import streamlit as st

from app import state
from app.queries import filters, runs
from app.queries.runs import RunKey

_CHOOSING = {  # parameters of a link that choose samples, and how people call them
    "cluster": "cluster", "area": "selection", "finding": "finding", "where": "filter",
}  # fmt: skip
_OF_SAMPLES = (
    ("samples", "CSV", "Every column, one row a sample; safe to open in a spreadsheet"),
    ("fiftyone-labels", "FiftyOne labels", "labels.json of a FiftyOneImageClassificationDataset"),
    (
        "fiftyone-predictions", "FiftyOne predictions",
        "The same with the model's answers and their confidence, to import into a second field",
    ),
    ("datalab", "Datalab CSV", "Issues as cleanlab's Datalab names them: is_label_issue, label_score, …"),
)  # fmt: skip
_OF_RUN = (
    ("classes", "Classes"), ("confusions", "Confusions"), ("clusters", "Clusters"), ("label-issues", "Label issues"),
    ("duplicates", "Duplicates"), ("leaks", "Leaks"), ("findings", "Checklist"), ("problems", "Problems"),
)  # fmt: skip


def export_menu(key: RunKey) -> None:
    """Draw the popover; what the run does not have is not offered. Its content is made when somebody opens it."""
    opened = st.popover("Export", icon=":material/download:", width="content", key="export", on_change="rerun")
    if not opened.open:
        return
    with opened, st.container(gap="xxsmall"):
        if not runs.has_samples(key):
            st.caption("There is nothing to export yet: this run's inference has not finished.")
            return
        if runs.findings(key) is not None:
            st.link_button(
                "Report to mail", state.export_url(key, "report"), icon=":material/article:", type="tertiary",
                help="The whole story as one HTML file, pictures inside; it needs no network.",
            )  # fmt: skip
            st.link_button(
                "Report with notes", state.export_url(key, "report", notes=1), icon=":material/sticky_note_2:",
                type="tertiary", help="The same with people's own verdicts and notes, signed.",
            )  # fmt: skip
        _to_hand_over(key)
        chosen = {name: value for name in _CHOOSING if (value := state.link_value(name)) is not None}
        # From the address: the filter's box is drawn after this. Where it is wrong the box says so.
        if "where" in chosen and filters.answer(key, chosen["where"].strip()).mask is None:
            del chosen["where"]
        if chosen:
            st.caption(f"The samples this link chooses by {' and '.join(_CHOOSING[name] for name in chosen)}")
            _samples(key, chosen)
        st.caption("All samples")
        _samples(key, {})
        st.caption("Tables as CSV")
        with st.container(horizontal=True, gap="xsmall"):
            for what, label in _OF_RUN:
                if runs.has_table(key, what):
                    st.link_button(label, state.export_url(key, what), type="tertiary")


def _to_hand_over(key: RunKey) -> None:
    st.caption("To hand over: notes, verdicts, tags and views, with their history")
    with st.container(horizontal=True, gap="xsmall"):
        words = "To be imported on the page Runs of another Faultline."
        st.link_button("Words alone", state.export_url(key, "investigation"), type="tertiary", help=words)
        st.link_button("With the run", state.export_url(key, "investigation", run=1), type="tertiary", help=words)


def _samples(key: RunKey, chosen: dict[str, str]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for what, label, hint in _OF_SAMPLES:
            st.link_button(label, state.export_url(key, what, **chosen), type="tertiary", help=hint)
