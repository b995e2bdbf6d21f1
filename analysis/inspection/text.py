"""What a look found, as plain text for a terminal."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SHOWN = 10
LINE = 100
WIDTH = 34


def as_text(found: Mapping[str, Any]) -> str:
    """Render what a look found.

    Args:
        found: What `Inspection.to_json` returns.

    Returns:
        Lines of plain text: errors and warnings first, then one block a section.
    """
    lines = [f"{found['title']}  ({found['source']})"]
    for kind, mark in (("errors", "error"), ("warnings", "warning"), ("notices", "note")):
        lines += [f"{mark}: {_indented(message)}" for message in found[kind]]
    for name, section in found.items():
        if isinstance(section, Mapping) and section:
            shown = {key: _size(value) for key, value in section.items()} if name == "files" else section
            lines += ["", name.replace("_", " ").capitalize(), *_lines(shown)]
    lines += _checklist(found.get("checklist") or ())
    errors = len(found["errors"])
    verdict = f"{errors:,} error{'s' if errors > 1 else ''}: a run cannot start." if errors else "Ready to run."
    return "\n".join([*lines, "", verdict])


def _checklist(findings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What was judged without a picture; what lacks an input is counted only."""
    judged = [finding for finding in findings if finding["verdict"] != "not_testable"]
    if not judged:
        return
    yield ""
    yield "Checklist, from weights and class lists alone"
    for finding in judged:
        label = f"  {str(finding['verdict']).replace('_', ' '):<13} "
        text = f"{finding['title']}: {finding['summary']}"
        yield from textwrap.wrap(text, LINE, initial_indent=label, subsequent_indent=" " * len(label))
        if finding["verdict"] == "supported":
            indent = " " * len(label)
            yield from textwrap.wrap(f"→ {finding['fix']}", LINE, initial_indent=indent, subsequent_indent=indent)


def _lines(section: Mapping[str, Any], name: str = "") -> Iterator[str]:
    for key, value in section.items():
        label = f"{name} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            if value and all(isinstance(inner, int | float | str) for inner in value.values()):
                yield f"  {label:<{WIDTH}} {', '.join(f'{inner} {_shown(item)}' for inner, item in value.items())}"
            else:
                yield from _lines(value, label)
        elif value not in (None, "", []):
            yield f"  {label:<{WIDTH}} {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        more = f", … ({len(value):,})" if len(value) > SHOWN else ""
        return ", ".join(_shown(item) for item in value[:SHOWN]) + more
    return str(value)


def _size(value: object) -> object:
    """Bytes as people say them; anything else as it is."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return f"{value / 1e6:,.1f} MB" if value >= 1e6 else f"{value / 1e3:,.1f} kB"


def _indented(message: str) -> str:
    return message.replace("\n", "\n  ")
