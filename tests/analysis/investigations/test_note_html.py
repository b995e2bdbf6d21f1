"""Whatever somebody writes into a note, it stays words."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.investigations.note_html import note_html

_TAGS = {
    "p", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "br", "hr", "s", "h4", "h5", "h6", "a", "table",
    "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"href", "rel", "target", "start", "style"}


class _Reader(HTMLParser):
    """Collects tags and attributes as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def _check(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(note_html(text))
    assert reader.tags <= _TAGS
    for name, value in reader.attributes:
        assert name in _ATTRIBUTES
        assert name != "href" or value.lower().startswith(("http://", "https://", "mailto:"))
        assert name != "style" or re.fullmatch(r"text-align:(left|right|center)", value)  # a table's columns
    return reader


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<iframe srcdoc='<script>x</script>'></iframe>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))", "[x](data:text/html,x)",
    "[x](vbscript:x)", "[x](file:///etc/passwd)", "<javascript:alert(1)>", "![x](http://e.invalid/p.png)",
    "![x][r]\n\n[r]: http://e.invalid/p.png", "[![x](http://e.invalid/p.png)](http://e.invalid)", "[x](//e.invalid)",
    '[x](http://a"onmouseover=alert(1))', '[x](http://a "t\\" onclick=\\"alert(1)")', '```"><script>\nx\n```',
    "a <b\n\nonload=x> c", "<!-- --><style>*{display:none}</style>", "| <td onclick=x> |\n|:-:|\n| </table><script> |",
    "[x](http://e.invalid\t/)", "&lt;script&gt;", "\x00<script>\x00", "[" * 2000 + "](" * 2000, "*" * 3000,
    "> " * 1500 + "x", "`" * 3000, "<" * 3000, "[a](" * 1000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    _check(text)


@given(st.text(alphabet="<>[]()!\"'&:;/\\`*_~|#-=\n\t ahtps.mjvc0", max_size=80))
def test_no_text_makes_another_tag(text: str) -> None:
    _check(text)


def test_what_was_written_is_there() -> None:
    html = note_html(
        "# Why\n**bold** <b>x</b> 1 < 2\nnext ~~no~~\n\n- a\n\n| a |\n|---|\n| b |\n\n`c`\n\n```\nd < e\n```"
    )
    for part in ("<h4>Why</h4>", "<strong>bold</strong>", "&lt;b&gt;x&lt;/b&gt;", "1 &lt; 2<br", "<li>a</li>",
                 "<td>b</td>", "<code>c</code>", "d &lt; e", "<s>no</s>"):  # fmt: skip
        assert part in html


def test_a_link_shows_where_it_leads() -> None:
    html = note_html("[our bank](https://e.invalid/a?b=1&c=2) and <mailto:a@b.invalid>, [](http://n.invalid)")
    assert 'our bank (<a href="https://e.invalid/a?b=1&amp;c=2"' in html
    assert ">https://e.invalid/a?b=1&amp;c=2</a>)" in html
    assert re.findall(r">([^<]+)</a>", html)[1:] == ["mailto:a@b.invalid", "http://n.invalid"]


def test_a_picture_is_named_and_not_fetched() -> None:
    assert "cat [picture left out: http://e.invalid/p.png]" in note_html("![cat](http://e.invalid/p.png)")
