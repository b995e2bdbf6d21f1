"""The picture file that a sample was read from, where it is still there and may be shown."""

from dataclasses import dataclass
from pathlib import Path

from analysis.errors import AnalysisError
from app.queries import runs
from app.queries.roots import allowed_path
from app.queries.runs import RunKey

_LARGEST = 64 * 2**20  # bytes
_KINDS = {
    b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF87a": "image/gif", b"GIF89a": "image/gif",
    b"RIFF": "image/webp", b"BM": "image/bmp",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The file of a sample; `path` is None where it cannot be shown, and `reason` then says why."""

    path: Path | None
    reason: str = ""
    media_type: str = "application/octet-stream"


def original(key: RunKey, sample_id: int) -> Original:
    """Where a sample's file is.

    Only a picture that browsers show, below one of the allowed folders (links followed), is ever given: a run from
    elsewhere must not be able to name any other file of this machine.
    """
    if not 0 <= sample_id < runs.size(key):
        return Original(path=None, reason="this run has no such sample")
    try:
        return _shown(allowed_path(str(_root(key) / str(runs.row(key, sample_id, ["filepath"])["filepath"]))))
    except (AnalysisError, ValueError, RuntimeError):  # NUL characters, links in a circle
        return Original(path=None, reason="the file lies outside the folders that this app may read")
    except OSError:
        return Original(path=None, reason="the file cannot be read")


def _shown(path: Path) -> Original:
    if not path.is_file():
        return Original(path=None, reason="the file is not on this machine")
    if path.stat().st_size > _LARGEST:
        return Original(path=None, reason="the file is larger than 64 MB")
    with path.open("rb") as stream:
        start = stream.read(12)
    kind = next((one for one in _KINDS if start.startswith(one)), None)
    if kind is None or (kind == b"RIFF" and start[8:12] != b"WEBP"):
        return Original(path=None, reason="browsers do not show this kind of file")
    return Original(path=path, media_type=_KINDS[kind])


def _root(key: RunKey) -> Path:
    """What the file paths of the validation set start from: the image folder, `data.root`, or the manifest's folder."""
    run = runs.open_run(key).run
    data = (run.meta.get("spec") or {}).get("data") or {}
    validation = Path(str(data.get("validation") or run.path))
    if validation.is_dir():
        return validation
    return Path(str(data["root"])) if data.get("root") else validation.parent
