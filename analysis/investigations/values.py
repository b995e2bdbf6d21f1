"""What may be kept: values that are JSON, names that both databases can hold, and how large they may be."""

import json
from typing import Any, cast

from analysis.errors import StoreError
from analysis.investigations.item import Value

VALUE_CHARACTERS = 200_000  # of the JSON text
NAME_CHARACTERS = 500


def encode(value: Value | None) -> str | None:
    """The JSON text of a value, the same for equal values; None stays None.

    Raises:
        StoreError: If it is no JSON, or too large.
    """
    if value is None:
        return None
    try:
        text = json.dumps(dict(value), sort_keys=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"This value cannot be kept, because it is no JSON: {error}.") from error
    if len(text) > VALUE_CHARACTERS:
        raise StoreError(
            f"This is too large to be kept: {len(text):,} characters, at most {VALUE_CHARACTERS:,} are possible. "
            "Shorten it, or split it; nothing was saved."
        )
    return text


def decode(text: str | None) -> dict[str, Any] | None:
    """The value of a JSON text."""
    return None if text is None else cast(dict[str, Any], json.loads(text))


def check_name(what: str, name: str) -> str:
    """`name`, if a database can hold it.

    Raises:
        StoreError: If it is empty, too long, or holds a character no database takes.
    """
    if not name or len(name) > NAME_CHARACTERS:
        raise StoreError(f"The {what} must have 1 to {NAME_CHARACTERS} characters; this one has {len(name):,}.")
    if "\x00" in name or any("\ud800" <= character <= "\udfff" for character in name):
        raise StoreError(f"The {what} {name!r} holds a character that cannot be kept; leave it out.")
    return name
