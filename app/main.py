"""The server: `streamlit run app/main.py`.

Streamlit finds `app` below by reading this file's syntax tree, imports the file as module `main` and serves the object
with uvicorn. The pages themselves are the script `navigation.py`: were the script this very file, it would build a
second server on every rerun.
"""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from analysis.datasets.confinement import VARIABLE as CONFINE
from app.access.gate import Gate
from app.access.hosts import AllowedHosts
from app.access.limits import Limits
from app.access.paths import prefixed
from app.health import ROUTES as HEALTH_ROUTES
from app.links.arrival import Arrival
from app.links.preview import Previews
from app.links.routes import LINK_ROUTES
from app.logs import set_up_logs
from app.metrics import Measured
from app.queries.roots import allowed_roots
from app.routes import ROUTES
from app.security import SecurityHeaders
from app.widgets.failures import show_failure

set_up_logs()
os.environ.setdefault(CONFINE, os.pathsep.join(str(root) for root in allowed_roots()))  # for every process it starts
app = st.App(
    Path(__file__).parent / "navigation.py",
    routes=prefixed([*HEALTH_ROUTES, *LINK_ROUTES, *ROUTES]),
    # From the outside in: what is counted, what every answer carries, then who may ask for what, then links.
    middleware=[
        Middleware(Measured),
        Middleware(SecurityHeaders),
        Middleware(AllowedHosts),
        Middleware(Limits),
        Middleware(Gate),
        Middleware(Arrival),
        Middleware(Previews),
    ],
    on_script_error=show_failure,
)
