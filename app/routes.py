"""What the server answers beside the pages: pictures, exports, health. Read-only, below /api."""

import re

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app import people
from app.access import audit
from app.answers import answers, kept
from app.map_routes import MAP_ROUTES
from app.pool_routes import POOL_ROUTES
from app.queries import duplicates, exports, filters, originals, rerun_pictures, runs, triage

_NO_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="#8883"/>'
    '<path d="M24 66l16-20 11 13 8-9 13 16z" fill="#8888"/><circle cx="60" cy="34" r="7" fill="#8888"/></svg>'
)
_SIGNATURES = ((b"\xff\xd8", "image/jpeg"), (b"\x89PNG", "image/png"), (b"RIFF", "image/webp"), (b"GIF8", "image/gif"))


def health(request: Request) -> Response:
    """Whether the server answers."""
    return JSONResponse({"status": "ok"})


@answers
def thumbnail(request: Request) -> Response:
    """One sample's picture; a placeholder with status 404 where there is none."""
    key = runs.run_key(request.path_params["run"])
    return _picture(request, runs.open_run(key).run.thumbnail(request.path_params["sample"]))


@answers
def original_picture(request: Request) -> Response:
    """The file that a sample was read from; a placeholder with status 404 where it is gone or may not be shown."""
    key = runs.run_key(request.path_params["run"])
    found = originals.original(key, request.path_params["sample"])
    if found.path is None:
        return _picture(request, None)
    return FileResponse(found.path, media_type=found.media_type, headers={"Cache-Control": "private, no-cache"})


@answers
def prepared(request: Request) -> Response:
    """One sample's picture as the network sees it under a variant of the re-runs."""
    key = runs.run_key(request.path_params["run"])
    return _picture(request, rerun_pictures.picture(key, request.path_params["variant"], request.path_params["sample"]))


@answers
def training_picture(request: Request) -> Response:
    """The training picture that a validation picture is a copy of."""
    key = runs.run_key(request.path_params["run"])
    return _picture(request, duplicates.training_picture(key, request.path_params["row"]))


def _picture(request: Request, picture: bytes | None) -> Response:
    if picture is None:
        return Response(_NO_PICTURE, status_code=404, media_type="image/svg+xml")
    kind = next((kind for start, kind in _SIGNATURES if picture.startswith(start)), "application/octet-stream")
    return Response(picture, media_type=kind, headers=kept(request))


@answers
def export(request: Request) -> Response:
    """A table, labels for another tool or the report, streamed: constant memory, linkable."""
    key = runs.run_key(request.path_params["run"])
    what = request.path_params["what"]
    params = dict(request.query_params)
    person = people.of_request(request)
    exported = exports.export(key, what, params, relative=person is None or not person.may_edit)
    audit.record("exported", by=person.name if person else "", run=key.id, what=what)
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", "-".join([key.id, what, *params.values()]))[:120]
    disposition = f'attachment; filename="{name}{exported.suffix}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-cache"}
    return StreamingResponse(exported.chunks, media_type=exported.media_type, headers=headers)


@answers
def triage_list(request: Request) -> Response:
    """The samples that people tagged as CSV; `where` keeps those that pass a filter expression."""
    key = runs.run_key(request.path_params["run"])
    where = request.query_params.get("where", "")
    chunks = triage.csv(key, filters.passing(key, where) if where else None)
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{key.id}-triage")[:120]
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "private, no-cache"}
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [
    Route("/api/health", health),
    Route("/api/runs/{run}/thumbnails/{sample:int}", thumbnail),
    Route("/api/runs/{run}/originals/{sample:int}", original_picture),
    Route("/api/runs/{run}/training/{row:int}", training_picture),
    Route("/api/runs/{run}/reruns/{variant}/{sample:int}", prepared),
    Route("/api/runs/{run}/export/{what}", export),
    Route("/api/runs/{run}/triage", triage_list),
    Route("/api/runs/{run}/csv/{what}", export),  # what links made earlier name
    *MAP_ROUTES,
    *POOL_ROUTES,
]
