"""The page Examples."""

import streamlit as st


def page() -> None:
    """Draw the page."""
    st.title("Examples")


if __name__ == "__main__":
    page()
