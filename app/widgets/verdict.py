"""Verdicts as people read them: an icon and a word, never colour alone."""

import streamlit as st

WORDS = {
    "supported": "Found",
    "refuted": "Ruled out",
    "inconclusive": "Undecided",
    "not_testable": "Not tested",
    "errored": "Test failed",
}
ICONS = {
    "supported": ":material/flag:",
    "refuted": ":material/check_circle:",
    "inconclusive": ":material/help:",
    "not_testable": ":material/block:",
    "errored": ":material/error:",
}
COLOURS = {
    "supported": "red",
    "refuted": "green",
    "inconclusive": "orange",
    "not_testable": "gray",
    "errored": "gray",
}
MEANINGS = {
    "supported": "The test says that this fault is there (verdict: supported).",
    "refuted": "The test says that this fault is not there, or too small to matter (verdict: refuted).",
    "inconclusive": "Too few samples or too small an effect to decide either way (verdict: inconclusive).",
    "not_testable": "An input that this test needs was not given (verdict: not testable).",
    "errored": "The test itself failed; it says nothing about the model (verdict: errored).",
}


def word(verdict: str) -> str:
    """The word for a verdict; an unknown one speaks for itself."""
    return WORDS.get(verdict, verdict)


def verdict_badge(verdict: str) -> None:
    """Draw the badge, with its meaning on hover."""
    st.badge(
        word(verdict),
        icon=ICONS.get(verdict, ":material/help:"),
        color=COLOURS.get(verdict, "gray"),
        help=MEANINGS.get(verdict),
    )
