"""The whole story of a run as one HTML file: no network, no script, pictures inside."""

from collections.abc import Sequence
from html import escape

from analysis.errors import RunError
from analysis.exports import report_sections as sections
from analysis.exports.ladder_svg import ladder_svg
from analysis.exports.report_checklist import checklist
from analysis.exports.report_said import said
from analysis.exports.report_style import STYLE
from analysis.investigations.item import Item
from analysis.reports.high_loss import worst_samples
from analysis.runs import layout
from analysis.runs.run import Run

WORST = 20
# Even if a text should ever slip through unescaped, a browser neither runs nor fetches anything for it.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_report(run: Run, items: Sequence[Item] = ()) -> str:
    """Write the report of a run whose diagnosis has finished: at most 100 pictures of 64 kB, so it can be mailed.

    Args:
        run: The run.
        items: What people said of it, to be told as well: own verdicts and notes.

    Returns:
        A whole HTML document, UTF-8.

    Raises:
        RunError: If there is no diagnosis yet.
    """
    found = run.findings
    if found is None:
        raise RunError(f"{run.path} has no {layout.FINDINGS}: its diagnosis has not finished. Run it with --resume.")
    title = escape(str(run.meta.get("title") or run.path.name))
    correct, prediction = sections.judged(run)
    worst = worst_samples(run.column("loss"), correct, WORST)
    body = (
        f'<h1>{title}</h1><p class="soft">{sections.made(run)}</p>'
        f'<p class="verdict">{escape(sections.verdict(found))}</p>'
        f"{sections.accuracy(found['accuracy'])}"
        f"{_part('What undoing each fault gives back', ladder_svg(found.get('ladder', ())))}"
        f"{_part('Checklist', checklist(run, found['findings']))}"
        f"{_part('What people say', said(run, items))}"
        f"{_part('Groups of pictures that fail', sections.clusters(run))}"
        f"{_part('Most wrong', sections.strip(run, worst, prediction))}"
        f"{_part('Classes with the lowest recall', sections.classes(run.classes))}"
        f"{_part('Most frequent confusions', sections.pairs(run))}"
        f'<footer class="soft">{sections.origin(run)}</footer>'
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · Faultline</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _part(heading: str, content: str) -> str:
    return f"<section><h2>{heading}</h2>{content}</section>" if content else ""
