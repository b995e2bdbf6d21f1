"""The server: `streamlit run app/main.py`.

Streamlit finds `app` below by reading this file's syntax tree, imports the file as module `main` and serves the object
with uvicorn. The pages themselves are the script `navigation.py`: were the script this very file, it would build a
second server on every rerun.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app.routes import ROUTES
from app.security import SecurityHeaders
from app.widgets.failures import show_failure

app = st.App(
    Path(__file__).parent / "navigation.py",
    routes=ROUTES,
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=show_failure,
)
