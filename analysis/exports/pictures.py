"""Pictures inside a page: no file beside it, no network."""

import base64

from analysis.runs.run import Run

_SIGNATURES = ((b"\xff\xd8", "jpeg"), (b"\x89PNG", "png"), (b"RIFF", "webp"), (b"GIF8", "gif"))


def data_url(run: Run, sample_id: int) -> str | None:
    """The stored picture of a sample as a ``data:`` URL; None where there is none, or none that a browser shows."""
    picture = run.thumbnail(sample_id)
    if picture is None:
        return None
    kind = next((kind for start, kind in _SIGNATURES if picture.startswith(start)), None)
    return None if kind is None else f"data:image/{kind};base64,{base64.b64encode(picture).decode('ascii')}"
