"""Tables of the report."""

from collections.abc import Iterable, Sequence


def html_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int) -> str:
    """A table of cells that are HTML already; columns from `numbers` on are right-aligned."""

    def line(cells: Sequence[str], tag: str) -> str:
        kinds = ["" if place < numbers else ' class="number"' for place in range(len(cells))]
        return "".join(f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in zip(kinds, cells, strict=True))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{line(header, 'th')}</tr></thead><tbody>{body}</tbody></table>"
