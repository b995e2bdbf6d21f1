"""What could be tested with more inputs, and where each goes."""

import streamlit as st

from app.missing_inputs import MissingInputs
from app.widgets.finding_line import finding_title
from app.widgets.text import count, escape_markdown, with_code


def missing_inputs(groups: tuple[MissingInputs, ...]) -> None:
    """Draw one block a step that a person can take, the step that opens most first."""
    st.subheader("What you could test with more inputs", anchor=False)
    with st.grid(2, min_column_width=440, gap="small"):
        for group in groups:
            _group(group)


def _group(group: MissingInputs) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        names = " and ".join(group.names)
        st.markdown(f":gray[:material/add_circle:] **{escape_markdown(names[:1].upper() + names[1:])}**")
        st.markdown(" ".join(with_code(sentence) for sentence in group.how_to_add) or "Not given to this run.")
        st.caption(f"Opens {count(len(group.findings), 'test')}:")
        with st.container(horizontal=True, gap="small"):
            for finding in group.findings:
                finding_title(finding)
