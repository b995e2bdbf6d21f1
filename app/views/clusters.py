"""The page Clusters."""

import streamlit as st


def page() -> None:
    """Draw the page."""
    st.title("Clusters")


if __name__ == "__main__":
    page()
