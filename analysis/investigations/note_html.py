"""A note's Markdown as HTML that can do no harm: no HTML of its own, no pictures, no address that is not seen."""

from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

Env = MutableMapping[str, Any]
_ALLOWED = ("http://", "https://", "mailto:")


class _Renderer(RendererHTML):
    """Links say where they lead, in words; pictures are named, never fetched."""

    def link_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        return ""

    def link_close(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        start = max(place for place in range(at) if tokens[place].type == "link_open")  # links hold no links
        address = str(tokens[start].attrs.get("href", ""))
        said = "".join(token.content for token in tokens[start:at])
        return f" ({_anchor(address)})" if said.strip() else _anchor(address)

    def text(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        is_address = at > 0 and tokens[at - 1].type == "link_open" and tokens[at - 1].info == "auto"
        return "" if is_address else escape(tokens[at].content)

    def fence(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        return self.code_block(tokens, at, options, env)  # without the class that names its language

    def image(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        token = tokens[at]
        return f"{escape(token.content)} [picture left out: {escape(str(token.attrs.get('src', '')))}]"


def _anchor(address: str) -> str:
    shown = escape(address)
    if not address.lower().startswith(_ALLOWED):
        return shown
    return f'<a href="{shown}" rel="noopener noreferrer nofollow" target="_blank">{shown}</a>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    return parser.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])


_PARSER = _parser()


def note_html(markdown: str) -> str:
    """A note as HTML: every character of data escaped, links to http, https and mailto only, written out as text.

    Args:
        markdown: What a person wrote: CommonMark, tables and strikethrough; a line break is one.

    Returns:
        HTML without scripts, styles, pictures, forms or attributes of the author's.
    """
    tokens = _PARSER.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 3)}"  # below the headings around the note
    return str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
