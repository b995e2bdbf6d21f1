"""A small OpenID Connect provider for tests: a page with one button an account, real signed tokens, PKCE checked.

``python -m tests.openid_provider PORT`` serves it; accounts are the claims in `ACCOUNTS`.
"""

import base64
import hashlib
import secrets
import sys
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "faultline", "not-a-real-secret"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "admin": {"sub": "1", "email": "admin@example.org", "email_verified": True},
    "editor": {"sub": "2", "email": "editor@example.org", "email_verified": True, "groups": ["vision-team"]},
    "viewer": {"sub": "3", "email": "viewer@example.org", "email_verified": True},
    "stranger": {"sub": "4", "email": "stranger@example.org", "groups": ["strangers"]},
}


def provider(issuer: str) -> Starlette:
    """The provider as an ASGI app; `issuer` is its own address."""
    key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
    codes: dict[str, dict[str, str]] = {}

    def metadata(request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT_ID
        account = asked.pop("account", None)
        if account is None:
            links = "".join(f'<p><a href="{request.url}&account={name}">{name}</a></p>' for name in ACCOUNTS)
            return HTMLResponse(f"<h1>Test provider</h1>{links}")
        code = secrets.token_urlsafe()
        codes[code] = {**asked, "account": account}
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    async def token(request: Request) -> Response:
        form = await request.form()
        asked = codes.pop(str(form["code"]))
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        now = int(time.time())
        times = {"iss": issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 3600, "nonce": asked.get("nonce")}
        id_token = jwt.encode({"alg": "RS256", "kid": "test"}, ACCOUNTS[asked["account"]] | times, key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "id_token": id_token})

    def jwks(request: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False)]})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", metadata),
            Route("/authorize", authorize),
            Route("/token", token, methods=["POST"]),
            Route("/jwks", jwks),
        ]
    )


if __name__ == "__main__":
    import uvicorn

    port = int(sys.argv[1])
    uvicorn.run(provider(f"http://localhost:{port}"), host="localhost", port=port, log_level="warning")
