"""What all routes have in common: readable refusals, and how long a browser may keep an answer."""

from collections.abc import Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from analysis.errors import AnalysisError
from app.access.redaction import without_paths
from app.logs import without_secrets


def answers(handler: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Turn what a person can put right into a readable 404."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except (AnalysisError, KeyError) as error:
            return PlainTextResponse(without_paths(without_secrets(str(error))), status_code=404)

    return answer


def kept(request: Request) -> dict[str, str]:
    """Headers of an answer: for ever where the address names the run's version, else asked for anew."""
    forever = "v" in request.query_params
    return {"Cache-Control": "private, max-age=31536000, immutable" if forever else "private, no-cache"}
