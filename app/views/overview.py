"""The page Overview."""

import streamlit as st


def page() -> None:
    """Draw the page."""
    st.title("Overview")


if __name__ == "__main__":
    page()
