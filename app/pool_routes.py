"""What the page Find more loads: pictures of a pool, and what a search found as CSV."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app import people
from app.access import audit
from app.answers import answers, kept
from app.queries import pools, runs


@answers
def pool_picture(request: Request) -> Response:
    """The small picture of one row of a pool."""
    key = runs.run_key(request.path_params["run"])
    picture = pools.picture(key, request.path_params["kind"], request.path_params["row"])
    if picture is None:
        return PlainTextResponse("The pool keeps no such picture.", status_code=404)
    kinds = ((b"\xff\xd8", "image/jpeg"), (b"\x89PNG", "image/png"), (b"RIFF", "image/webp"), (b"GIF8", "image/gif"))
    kind = next((kind for start, kind in kinds if picture.startswith(start)), "application/octet-stream")
    return Response(picture, media_type=kind, headers=kept(request))


@answers
def alike(request: Request) -> Response:
    """Pictures of a pool that are like the samples a link chooses, as CSV to label from."""
    key, kind = runs.run_key(request.path_params["run"]), request.path_params["kind"]
    chunks = pools.alike_csv(key, kind, dict(request.query_params))
    person = people.of_request(request)
    audit.record("exported", by=person.name if person else "", run=key.id, what=f"alike-{kind}")
    headers = {"Content-Disposition": f'attachment; filename="alike-{kind}.csv"', "Cache-Control": "private, no-cache"}
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


POOL_ROUTES = [
    Route("/api/runs/{run}/pools/{kind}/{row:int}", pool_picture),
    Route("/api/runs/{run}/alike/{kind}", alike),
]
