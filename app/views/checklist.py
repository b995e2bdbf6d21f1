"""The page Checklist."""

import streamlit as st


def page() -> None:
    """Draw the page."""
    st.title("Checklist")


if __name__ == "__main__":
    page()
