"""What the server answers beside the pages: pictures, exports, health. Read-only, below /api."""

import re
from collections.abc import Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from analysis.errors import AnalysisError
from app.queries import duplicates, exports, points, rerun_pictures, runs
from app.queries.sample import sample

_NO_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="#8883"/>'
    '<path d="M24 66l16-20 11 13 8-9 13 16z" fill="#8888"/><circle cx="60" cy="34" r="7" fill="#8888"/></svg>'
)
_SIGNATURES = ((b"\xff\xd8", "image/jpeg"), (b"\x89PNG", "image/png"), (b"RIFF", "image/webp"), (b"GIF8", "image/gif"))


def _answers(handler: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Turn what a person can put right into a readable 404."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except (AnalysisError, KeyError) as error:
            return PlainTextResponse(str(error), status_code=404)

    return answer


def health(request: Request) -> Response:
    """Whether the server answers."""
    return JSONResponse({"status": "ok"})


@_answers
def thumbnail(request: Request) -> Response:
    """One sample's picture; a placeholder with status 404 where there is none."""
    key = runs.run_key(request.path_params["run"])
    return _picture(request, runs.open_run(key).run.thumbnail(request.path_params["sample"]))


@_answers
def prepared(request: Request) -> Response:
    """One sample's picture as the network sees it under a variant of the re-runs."""
    key = runs.run_key(request.path_params["run"])
    return _picture(request, rerun_pictures.picture(key, request.path_params["variant"], request.path_params["sample"]))


@_answers
def training_picture(request: Request) -> Response:
    """The training picture that a validation picture is a copy of."""
    key = runs.run_key(request.path_params["run"])
    return _picture(request, duplicates.training_picture(key, request.path_params["row"]))


def _picture(request: Request, picture: bytes | None) -> Response:
    if picture is None:
        return Response(_NO_PICTURE, status_code=404, media_type="image/svg+xml")
    kind = next((kind for start, kind in _SIGNATURES if picture.startswith(start)), "application/octet-stream")
    caching = "private, max-age=31536000, immutable" if "v" in request.query_params else "private, no-cache"
    return Response(picture, media_type=kind, headers={"Cache-Control": caching})


@_answers
def export(request: Request) -> Response:
    """A table, labels for another tool or the report, streamed: constant memory, linkable."""
    key = runs.run_key(request.path_params["run"])
    what = request.path_params["what"]
    params = dict(request.query_params)
    exported = exports.export(key, what, params)
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", "-".join([key.id, what, *params.values()]))[:120]
    disposition = f'attachment; filename="{name}{exported.suffix}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-cache"}
    return StreamingResponse(exported.chunks, media_type=exported.media_type, headers=headers)


@_answers
def map_points(request: Request) -> Response:
    """Places of all samples on the embedding map: N pairs of little-endian float32."""
    xy = points.places(runs.run_key(request.path_params["run"]))
    return _binary(request, None if xy is None else points.as_bytes(xy))


@_answers
def map_colours(request: Request) -> Response:
    """Colour codes of all samples on the embedding map: N bytes."""
    by = request.path_params["by"]
    known = by in points.COLOURINGS
    codes = points.colouring(runs.run_key(request.path_params["run"]), by).codes if known else None
    return _binary(request, None if codes is None else points.as_bytes(codes))


@_answers
def sample_words(request: Request) -> Response:
    """What the embedding map says about the sample under the pointer; plain text in JSON."""
    shown = sample(runs.run_key(request.path_params["run"]), request.path_params["sample"])
    if shown is None:
        return PlainTextResponse("This run has no such sample.", status_code=404)
    answer = shown.label if shown.correct else f"{shown.label}\n→ {shown.prediction}"
    return JSONResponse({"text": f"{answer}\nloss {shown.loss:.2f} nats"})


def _binary(request: Request, content: bytes | None) -> Response:
    if content is None:
        return PlainTextResponse("This run has no such points.", status_code=404)
    caching = "private, max-age=31536000, immutable" if "v" in request.query_params else "private, no-cache"
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": caching})


ROUTES = [
    Route("/api/health", health),
    Route("/api/runs/{run}/thumbnails/{sample:int}", thumbnail),
    Route("/api/runs/{run}/training/{row:int}", training_picture),
    Route("/api/runs/{run}/reruns/{variant}/{sample:int}", prepared),
    Route("/api/runs/{run}/export/{what}", export),
    Route("/api/runs/{run}/csv/{what}", export),  # what links made earlier name
    Route("/api/runs/{run}/map/points", map_points),
    Route("/api/runs/{run}/map/colours/{by}", map_colours),
    Route("/api/runs/{run}/samples/{sample:int}", sample_words),
]
