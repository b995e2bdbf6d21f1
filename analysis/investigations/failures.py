"""What a database's refusal means: whether waiting may help, and what a person can do."""

import sqlite3
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError

from analysis.errors import StoreError

_SQLITE = {
    sqlite3.SQLITE_BUSY: "locked", sqlite3.SQLITE_LOCKED: "locked", sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_PERM: "read-only", sqlite3.SQLITE_CANTOPEN: "unopened", sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged", sqlite3.SQLITE_NOTADB: "damaged", sqlite3.SQLITE_IOERR: "disk",
}  # fmt: skip
# SQLSTATE, by its longest prefix: https://www.postgresql.org/docs/15/errcodes-appendix.html
_POSTGRES = {
    "08": "away", "57P": "away", "53300": "away", "40": "locked", "55P03": "locked", "57014": "locked",
    "25006": "read-only", "53": "full", "28": "refused", "42501": "refused", "3D000": "refused",
}  # fmt: skip
# A connection that was never made has no SQLSTATE, only what the server said.
_REFUSALS = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "permission denied",
)
_SAYS: Mapping[str, str] = {
    "locked": "is locked by another process. Nothing was saved; try again in a moment.",
    "read-only": "cannot be written. What is there can still be read. To add something, make the file and its folder "
    "writable for the account that runs Faultline, or name another database in FAULTLINE_DATABASE.",
    "unopened": "cannot be opened. Check that its folder exists and belongs to the account that runs Faultline, or "
    "name another database in FAULTLINE_DATABASE.",
    "full": "has no space left. Nothing was saved and nothing saved before is lost; free some space, then try again.",
    "damaged": "is damaged, or is no database. Put a copy from a backup in its place, or move it away to begin anew.",
    "disk": "could not be read or written, because the disk reported an error. Nothing saved before was changed.",
    "away": "cannot be reached. Saved things are safe; check that it runs, then try again.",
    "refused": "does not let Faultline in. Check user, password and database name in FAULTLINE_DATABASE.",
    "else": "did not do what was asked.",
}


def may_pass(error: Exception) -> bool:
    """Whether the same may work a moment later."""
    return _kind(error) in ("locked", "away")


def explained(error: Exception, name: str) -> StoreError:
    """The failure in words; `name` is the database's address without its password."""
    kind = _kind(error)
    reason = "" if kind == "locked" else f" ({_first_line(error)})"
    return StoreError(f"The database of notes and verdicts, {name}, {_SAYS[kind]}{reason}")


def _kind(error: Exception) -> str:
    if isinstance(error, OSError):
        return "full" if error.errno in (28, 122) else "unopened"
    if not isinstance(error, DBAPIError):
        return "away" if type(error).__name__ == "TimeoutError" else "else"
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, "else")  # the lower byte: extended codes say more than is needed
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        is_network = type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError")
        if any(words in str(error.orig) for words in _REFUSALS):
            return "refused"
        return "away" if is_network else "else"
    return next((_POSTGRES[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRES), "else")


def _first_line(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(original).strip().split("\n")[0][:200]
