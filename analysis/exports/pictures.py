"""Pictures inside a page: no file beside it, no network."""

import base64

from analysis.runs.run import Run

LARGEST = 65_536  # bytes; a run keeps pictures of at most 128 pixels a side, larger ones would make no page to mail
_SIGNATURES = ((b"\xff\xd8", "jpeg"), (b"\x89PNG", "png"), (b"RIFF", "webp"), (b"GIF8", "gif"))


def data_url(run: Run, sample_id: int) -> str | None:
    """The stored picture of a sample as a ``data:`` URL; None where there is none, or none to show."""
    picture = run.thumbnail(sample_id)
    if picture is None or len(picture) > LARGEST:
        return None
    kind = next((kind for start, kind in _SIGNATURES if picture.startswith(start)), None)
    return None if kind is None else f"data:image/{kind};base64,{base64.b64encode(picture).decode('ascii')}"
