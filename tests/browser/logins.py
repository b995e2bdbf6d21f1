"""The login as a person meets it, and the file that turns it on."""

import secrets
from pathlib import Path

from playwright.sync_api import Page

from tests.openid_provider import CLIENT_ID, CLIENT_SECRET

WAIT = 30_000  # milliseconds


def write_secrets(folder: Path, app: str, provider: str) -> None:
    """Write ``secrets.toml`` for an app and a provider at these addresses."""
    folder.mkdir(parents=True)
    (folder / "secrets.toml").write_text(
        f"""
[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[faultline]
admins = ["admin@example.org"]
editors = ["vision-team"]
viewers = ["viewer@example.org"]
role_claim = "groups"
everyone_else = "none"
""",
        "utf-8",
    )


def log_in(page: Page, account: str) -> None:
    """From the page that asks for a login, as one of the provider's accounts."""
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("link", name=account).click()
