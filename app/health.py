"""Whether the server is well, for load balancers (`/healthz`) and for Prometheus (`/metrics`)."""

import hmac
import os
import tempfile

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from analysis.errors import AnalysisError
from app import people
from app.access.settings import access_settings
from app.metrics import CONTENT_TYPE, metrics_text
from app.queries.roots import runs_root


def parts() -> dict[str, bool]:
    """Each part that pages need, and whether it works; names only, no paths: anybody may ask."""
    return {
        "runs_readable": _runs_are_readable(),
        "runs_writable": _runs_are_writable(),
        "settings": _settings_are_read(),
    }


def healthz(request: Request) -> Response:
    """200 where people can look at runs, 503 where they cannot; a read-only runs folder is no failure."""
    found = parts()
    well = found["runs_readable"] and found["settings"]
    words = {"status": "ok" if well else "failing", **found}
    return JSONResponse(words, status_code=200 if well else 503, headers={"Cache-Control": "no-store"})


def metrics(request: Request) -> Response:
    """Prometheus' text: for an administrator, for this machine, or with the token in FAULTLINE_METRICS_TOKEN."""
    if not _may_read_metrics(request):
        return PlainTextResponse("Metrics take the role admin, or the token.\n", status_code=403)
    return Response(metrics_text(), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def has_metrics_token(request: Request) -> bool:
    """Whether a request carries the token that FAULTLINE_METRICS_TOKEN names."""
    token = os.environ.get("FAULTLINE_METRICS_TOKEN", "")
    given = request.headers.get("authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _may_read_metrics(request: Request) -> bool:
    if has_metrics_token(request):
        return True
    try:
        person = people.of_request(request)
    except AnalysisError:
        return False
    return person is not None and person.may_administer


def _runs_are_readable() -> bool:
    try:
        with os.scandir(runs_root()):
            return True
    except FileNotFoundError:  # it is made with the first run
        return True
    except OSError:
        return False


def _runs_are_writable() -> bool:
    root = runs_root()
    folder = root if root.is_dir() else root.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _settings_are_read() -> bool:
    try:
        access_settings()
    except AnalysisError:
        return False
    return True


ROUTES = [Route("/healthz", healthz), Route("/metrics", metrics)]
