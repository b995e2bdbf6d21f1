"""The end of a job's log."""

from pathlib import Path

TAIL_BYTES = 32_768


def tail(path: Path, lines: int = 40) -> str:
    """The last `lines` lines as a terminal would show them: of what a carriage return overwrote, the last stays.

    Returns an empty text where there is no log. Bytes that are no UTF-8 are shown as �.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - TAIL_BYTES))
            text = stream.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    shown = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n")]
    return "\n".join(shown[-lines - 1 :]).strip("\n")
