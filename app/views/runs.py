"""The page Runs."""

import streamlit as st


def page() -> None:
    """Draw the page."""
    st.title("Runs")


if __name__ == "__main__":
    page()
