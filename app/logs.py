"""The server's log: plain lines, or one JSON object a line with FAULTLINE_LOG=json; secrets never stand in it."""

import json
import logging
import os
import re
from datetime import UTC, datetime

_SECRET = re.compile(
    r"(?i)((?:authorization|cookie|_streamlit_\w+|client_secret|cookie_secret|password|token|code|state)"
    r"[\"']?\s*[=:]\s*[\"']?)([^\s\"'&;,]+)"
)
_IN_URL = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^/\s:@]+:)([^/\s@]+)(@)")


def without_secrets(text: str) -> str:
    """A text with the values of cookies, tokens and passwords taken out, those in addresses of databases too."""
    return _IN_URL.sub(r"\1***\3", _SECRET.sub(r"\1***", text))


class JsonLines(logging.Formatter):
    """One object a line: `at` (UTC), `level`, `logger`, `message`, and `trace` where something was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """Time, level, logger, message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record, with its traceback."""
        return without_secrets(super().format(record))


def set_up_logs() -> None:
    """Give the loggers `faultline…` a handler of their own; calling it again changes nothing."""
    logger = logging.getLogger("faultline")
    if logger.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if os.environ.get("FAULTLINE_LOG") == "json" else PlainLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
