"""A strip of pictures in one element: cheap, lazy, with the names as text."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import streamlit as st

from app import state
from app.queries.runs import RunKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: which sample, the words below it, and whether they tell of an error."""

    sample_id: int
    caption: str = ""
    wrong: bool = False


def strip(key: RunKey, pictures: Iterable[Picture], *, size: int = 84, rows: int | None = None) -> None:
    """Draw pictures side by side; each opens its sample on the Examples page.

    Args:
        key: The run.
        pictures: At most a hundred; more belong into the gallery with its pager.
        size: Edge length in CSS pixels.
        rows: How many rows to show; None shows all. What does not fit is left out.
    """
    cells = "".join(_cell(key, picture, size) for picture in pictures)
    height = f"max-height:{rows * (size + 24)}px;overflow:hidden;" if rows else ""
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:8px;{height}">{cells}</div>')


def _cell(key: RunKey, picture: Picture, size: int) -> str:
    caption = escape(picture.caption)
    mark = "✗ " if picture.wrong else ""
    link = escape(state.href("examples", key.id, sample=picture.sample_id))
    return (
        f'<a href="{link}" target="_self" title="{caption}" '
        f'style="width:{size}px;height:{size + 16}px;text-decoration:none;color:inherit">'
        f'<img loading="lazy" width="{size}" height="{size}" alt="{caption or f"sample {picture.sample_id}"}" '
        f'src="{escape(state.thumbnail_url(key, picture.sample_id))}" '
        'style="object-fit:contain;border-radius:6px;background:rgba(128,128,128,.15);display:block;'
        'outline:1px solid rgba(128,128,128,.25);outline-offset:-1px">'
        '<span style="display:block;font-size:.72rem;line-height:1.25;opacity:.8;overflow:hidden;'
        f'text-overflow:ellipsis;white-space:nowrap;margin-top:2px">{mark}{caption}</span></a>'
    )
