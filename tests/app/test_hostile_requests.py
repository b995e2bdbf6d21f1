"""What nobody should ask for: path tricks in every part of every route, hostile values in every parameter."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.links.routes import LINK_ROUTES
from app.routes import ROUTES

SECRET = "the secret beside the runs"
USUAL = {"run": "full", "sample": "1", "row": "1", "what": "samples", "variant": "gray", "kind": "unlabeled",
         "number": "A" * 22}  # fmt: skip
TRICKS = (
    "..", "../..", "../secret", "....//secret", "%2e%2e", "..%00", "\x00", "/etc/passwd", "..\\secret", ".faultline",
    "full/../../secret", "file:///etc/passwd", "~", "full\x00", "-1", "9" * 400, "NaN", "1e9", "١", "<script>",
    "'; DROP TABLE faultline_items; --", "\ud7ff", "*", "con", "",
)  # fmt: skip
PARAMETERS = (
    "where",
    "area",
    "ids",
    "cluster",
    "clustering",
    "finding",
    "by",
    "v",
    "k",
    "order",
    "notes",
    "run",
    "sort",
)
VALUES = (
    "../../secret", "\x00", "' OR 1=1 --", "<script>alert(1)</script>", "9" * 400, "-1", "nan", "1_2_3_4_5_6" * 900,
    'label = "' + "(" * 5_000, "not " * 3_000 + "correct", "__import__('os')", "{0.__class__}", "%s%n", "\u202e",
)  # fmt: skip


@pytest.fixture
def client(explored_root: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    (explored_root / "secret").write_text(SECRET)
    return TestClient(Starlette(routes=[*ROUTES, *LINK_ROUTES]), follow_redirects=False)


def _addresses() -> list[tuple[str, str]]:
    """Each route with the name of each part that can be replaced."""
    paths = [route.path for route in (*ROUTES, *LINK_ROUTES) if route.methods and "GET" in route.methods]
    return [(path, part) for path in paths for part in re.findall(r"{(\w+)", path)]


@pytest.mark.parametrize(("path", "part"), _addresses())
def test_no_trick_in_a_path_leads_anywhere(client: TestClient, path: str, part: str) -> None:
    for trick in TRICKS:
        values = {**USUAL, part: quote(trick, safe="")}
        asked = re.sub(r"{(\w+)(:\w+)?}", lambda found, values=values: values[found[1]], path)
        answer = client.get(asked)
        assert answer.status_code in (200, 302, 400, 404, 422), (asked, answer.status_code)
        _says_nothing(answer.content, asked)


@pytest.mark.parametrize("path", sorted({path for path, _ in _addresses()}))
def test_no_value_of_a_parameter_breaks_a_route(client: TestClient, path: str) -> None:
    asked = re.sub(r"{(\w+)(:\w+)?}", lambda found: USUAL[found[1]], path)
    for value in VALUES:
        for name in PARAMETERS:
            answer = client.get(asked, params={name: value})
            assert answer.status_code < 500, (asked, name, value[:50])
            _says_nothing(answer.content, asked)


def _says_nothing(content: bytes, asked: str) -> None:
    for word in (SECRET.encode(), b"Traceback", b"root:x:0"):
        assert word not in content, asked
