"""The two pages that stand before the app: log in, and why somebody may not enter. No scripts, no data of any run."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; --text: #1d2433; --back: #f4f5f8; --card: #fff; --line: #dfe2ea; --go: #5b4fc7; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9f0; --back: #12151c; --card: #1b202a; --line: #2d3442; --go: #6d61d8; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
main { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 2.2rem 2.4rem;
  width: min(24rem, calc(100vw - 2rem)); box-sizing: border-box; }
h1 { font-size: 1.5rem; margin: 0 0 .4rem; } p { margin: 0 0 1.2rem; overflow-wrap: anywhere; }
a { display: block; text-align: center; padding: .6rem; border-radius: 8px; background: var(--go); color: #fff;
  text-decoration: none; margin-top: .6rem; } a:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; }
"""


def login_page(prefix: str, providers: Sequence[str]) -> HTMLResponse:
    """The page that offers every provider; what a chat program's preview sees as well."""
    links = "".join(
        f'<a href="{prefix}/login?provider={quote(name, safe="")}">{escape(_words(name))}</a>' for name in providers
    )
    return _page("Faultline", f"<h1>Faultline</h1><p>Log in to see this page.</p>{links}", status=200)


def turned_away(prefix: str, name: str) -> HTMLResponse:
    """The page for somebody who logged in but stands in no list."""
    text = (
        f"<h1>No access</h1><p>You are logged in as {escape(name)}, and nobody has given you access yet. "
        "Ask whoever runs this Faultline to add you.</p>"
    )
    return _page("Faultline: no access", f'{text}<a href="{prefix}/auth/logout">Log out</a>', status=403)


def misconfigured(message: str) -> HTMLResponse:
    """The page when the settings of the login cannot be read: nobody gets in."""
    return _page("Faultline", f"<h1>Not set up</h1><p>{escape(message)}</p>", status=503)


def notice(title: str, sentence: str, *, link: tuple[str, str], status: int) -> HTMLResponse:
    """A page that says one thing and offers one way on; `link` is address and words."""
    where, words = link
    body = f'<h1>{escape(title)}</h1><p>{escape(sentence)}</p><a href="{escape(where)}">{escape(words)}</a>'
    return _page(f"Faultline: {title}", body, status=status)


def _words(provider: str) -> str:
    return "Log in" if provider == "default" else f"Log in with {provider.capitalize()}"


def _page(title: str, body: str, *, status: int) -> HTMLResponse:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta property="og:title" content="Faultline">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    )
    html = f'<!doctype html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>'
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
