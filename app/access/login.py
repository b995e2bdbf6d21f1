"""What the signed login cookie says: Streamlit writes it after the provider's answer, every own route reads it here."""

import json
from collections.abc import Mapping
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

COOKIE = USER_COOKIE_NAME


def claims_of(cookies: Mapping[str, str], *, hours: float) -> Mapping[str, Any] | None:
    """The claims of whoever sent these cookies.

    Args:
        cookies: Names and values as the browser sent them.
        hours: How old the login may be.

    Returns:
        None without a login, with one that is forged or torn, and with one older than `hours`.
    """
    secret = get_cookie_secret()

    def part(name: str) -> bytes | None:
        value = cookies.get(name)
        # The cookie's name is part of what is signed: another cookie's value does not pass for this one.
        return decode_signed_value(secret, name, value, max_age_days=hours / 24) if value and value.isascii() else None

    if not secret:  # an empty secret would sign for everybody
        return None
    try:
        claims = json.loads(get_cookie_with_chunks(part, COOKIE) or b"null")
    except (ValueError, UnicodeDecodeError):
        return None
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else None
