"""A finding that holds, as a card in the list: what it is, what to do; the rest is one click away."""

import streamlit as st

from app import state
from app.findings import Checklist, Finding
from app.own_verdict import OwnVerdicts
from app.queries.runs import RunKey
from app.widgets.finding_head import finding_head
from app.widgets.proofs import first_proof
from app.widgets.text import with_code


def finding_card(run: RunKey, found: Checklist, finding: Finding, own: OwnVerdicts, *, with_picture: bool) -> None:
    """Draw the card with what people said of it; `with_picture` shows the first picture that convinces, too."""
    with st.container(border=True, key=f"finding_{finding.id}", gap="xsmall"):
        finding_head(found, finding, own)
        if finding.fix:
            st.markdown(f"**What to do:** {with_code(finding.fix)}")
        if with_picture:
            first_proof(run, finding)
        state.page_link("checklist", "Evidence, pictures and fix", icon=":material/arrow_forward:", finding=finding.id)
