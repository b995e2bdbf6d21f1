"""What the embedding map loads: places and colours as bytes, a picture where there is no WebGL, words for a sample."""

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from analysis.arrays import BoolArray
from analysis.errors import AnalysisError
from app.answers import answers, kept
from app.queries import colourings, examples, filters, points, runs
from app.queries.density import cell_of, density_picture
from app.queries.points import Box
from app.queries.runs import RunKey
from app.queries.sample import Sample, sample


def _key(request: Request) -> RunKey:
    return runs.run_key(request.path_params["run"])


def _repaired(request: Request) -> bool:
    return request.query_params.get("repaired") == "1"


def _passing(request: Request) -> BoolArray | None:
    """The samples that the page's filter, `where`, lets through; None where there is none, or a wrong one."""
    return filters.answer(_key(request), request.query_params.get("where", "").strip()).mask


@answers
def places(request: Request) -> Response:
    """Places of all samples: N pairs of little-endian float32."""
    xy = points.places(_key(request))
    return _binary(request, None if xy is None else xy.tobytes())


@answers
def colours(request: Request) -> Response:
    """Colour codes of all samples: N bytes; `by` names a colouring, `repaired=1` judges after the supported fixes."""
    by = request.query_params.get("by", "Correctness")
    content = colourings.bytes_of(_key(request), by, repaired=_repaired(request), passing=_passing(request))
    return _binary(request, content)


@answers
def wrong(request: Request) -> Response:
    """Which samples are wrong, one bit each, lowest first; `repaired=1` judges after the supported fixes."""
    right = examples.correct(_key(request), repaired=_repaired(request))
    return _binary(request, np.packbits(~right, bitorder="little").tobytes())


@answers
def density(request: Request) -> Response:
    """A picture of the points inside `box` (left_bottom_right_top), `width` × `height` pixels; `hide` names codes."""
    key, asked = _key(request), request.query_params
    found = colourings.colouring(key, asked.get("by", "Correctness"), repaired=_repaired(request))
    width, height = _numbers(f"{asked.get('width')}_{asked.get('height')}", 2)
    picture = density_picture(
        key,
        found,
        _box(request),
        width=int(width),
        height=int(height),
        hidden=_hidden(request),
        passing=_passing(request),
    )
    return Response(picture, media_type="image/png", headers=kept(request))


@answers
def cell(request: Request) -> Response:
    """What lies inside `box`: the count and the words of the sample nearest to its middle, as plain text in JSON."""
    key, by = _key(request), request.query_params.get("by", "Correctness")
    found = colourings.colouring(key, by, repaired=_repaired(request))
    number, nearest = cell_of(key, found, _box(request), hidden=_hidden(request), passing=_passing(request))
    shown = sample(key, nearest) if number else None
    if shown is None:
        return JSONResponse({"text": "", "sample": -1}, headers=kept(request))
    lines = ["1 sample" if number == 1 else f"{number:,} samples, such as", _answer(shown)]
    return JSONResponse({"text": "\n".join(lines), "sample": nearest}, headers=kept(request))


def _box(request: Request) -> Box:
    left, bottom, right, top = _numbers(request.query_params.get("box", ""), 4)
    return (left, bottom, right, top)


def _hidden(request: Request) -> set[int]:
    return {int(code) for code in request.query_params.get("hide", "").split("_") if code.isdecimal()}


def _numbers(text: str, count: int) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split("_"))
    except ValueError:
        values = ()
    if len(values) != count or not all(abs(value) < 1e30 for value in values):
        raise AnalysisError(f"{text!r} should be {count} numbers joined by “_”.")
    return values


@answers
def about_sample(request: Request) -> Response:
    """The words beside the pointer, as plain text in JSON, and the ids of the nearest in embedding space."""
    key, sample_id = _key(request), request.path_params["sample"]
    shown = sample(key, sample_id)
    if shown is None:
        return PlainTextResponse("This run has no such sample.", status_code=404)
    lines = [_answer(shown), f"loss {shown.loss:.2f} nats"]
    if points.torn(key)[sample_id]:
        lines.append("Stands among strangers: the lines lead to its neighbours.")
    near = [int(number) for number in points.neighbours(key, sample_id)]
    return JSONResponse({"text": "\n".join(lines), "neighbours": near}, headers=kept(request))


def _answer(shown: Sample) -> str:
    return shown.label if shown.correct else f"{shown.label}\n→ {shown.prediction}"


def _binary(request: Request, content: bytes | None) -> Response:
    if content is None:
        return PlainTextResponse("This run has no such points.", status_code=404)
    # Named as it is, an answer is not compressed on the way: that would take longer than sending it.
    return Response(
        content, media_type="application/octet-stream", headers={**kept(request), "Content-Encoding": "identity"}
    )


MAP_ROUTES = [
    Route("/api/runs/{run}/map/points", places),
    Route("/api/runs/{run}/map/colours", colours),
    Route("/api/runs/{run}/map/wrong", wrong),
    Route("/api/runs/{run}/map/density", density),
    Route("/api/runs/{run}/map/cell", cell),
    Route("/api/runs/{run}/samples/{sample:int}", about_sample),
]
