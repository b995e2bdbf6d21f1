"""Who is logged in, with which role, and the way out; nothing where no login is configured."""

import streamlit as st

from app import people
from app.access.settings import login_is_configured
from app.widgets.text import escape_markdown

_RIGHTS = {
    people.Role.VIEWER: "You may look at everything and export it. Changing things takes the role editor.",
    people.Role.EDITOR: "You may change things and start jobs.",
    people.Role.ADMIN: "You may do everything, deletion included.",
}


def account() -> None:
    """Draw the menu of the person behind this session."""
    if not login_is_configured():
        return
    person = people.current()
    with st.popover(person.role.value, icon=":material/person:", help="Who you are here", key="account"):
        st.text(person.name)
        st.caption(escape_markdown(_RIGHTS[person.role]))
        if st.button("Log out", icon=":material/logout:", key="logout"):
            st.logout()
