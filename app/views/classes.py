"""The page Classes."""

import streamlit as st


def page() -> None:
    """Draw the page."""
    st.title("Classes")


if __name__ == "__main__":
    page()
