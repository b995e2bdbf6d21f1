"""The page Logits."""

import streamlit as st


def page() -> None:
    """Draw the page."""
    st.title("Logits")


if __name__ == "__main__":
    page()
