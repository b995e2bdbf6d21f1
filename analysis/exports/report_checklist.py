"""The checklist as a part of the report; every text of a run goes through `escape`."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from analysis.exports.readable_table import readable_table
from analysis.exports.report_tables import html_table
from analysis.exports.tables import evidence_text
from analysis.runs.run import Run

SMALL_ROWS, SMALL_COLUMNS = 12, 10  # a larger table stays in the run directory
Findings = Sequence[Mapping[str, Any]]
_WORDS = {
    "supported": "supported", "refuted": "ruled out", "inconclusive": "undecided", "not_testable": "not tested",
    "errored": "test failed",
}  # fmt: skip
_ALIKE = {
    "supported": "is there as well", "refuted": "excluded", "inconclusive": "could not be excluded",
    "errored": "not excluded, its test failed",
}  # fmt: skip


def checklist(run: Run, findings: Findings) -> str:
    """Every hypothesis in rank order, the supported ones open; then what more inputs would make testable."""
    tested = [finding for finding in findings if finding["verdict"] != "not_testable"]
    return "".join(_finding(run, finding, findings) for finding in tested) + _untested(findings)


def _finding(run: Run, finding: Mapping[str, Any], findings: Findings) -> str:
    state = str(finding["verdict"])
    supported = state == "supported"
    parts = [f"<p>{escape(str(finding.get('summary') or ''))}</p>"]
    evidence = "".join(f"<li>{escape(evidence_text(item))}</li>" for item in finding.get("evidence", ()))
    if evidence:
        parts.append(f"<ul>{evidence}</ul>")
    if finding.get("explained_by"):
        parts.append(f'<p class="soft">Explained by {escape(_title(findings, str(finding["explained_by"])))}.</p>')
    if supported:
        parts += [_fix(finding), _tables(run, str(finding["id"])), _look_alikes(finding, findings)]
    return (
        f"<details{' open' * supported}><summary><h3>{escape(str(finding['title']))}</h3>"
        f'<span class="tag {escape(state)}">{escape(_WORDS.get(state, state))}</span>{_gain(finding)}</summary>'
        f"{''.join(parts)}</details>"
    )


def _title(findings: Findings, identifier: str) -> str:
    return next((f"“{one['title']}”" for one in findings if one["id"] == identifier), identifier)


def _fix(finding: Mapping[str, Any]) -> str:
    fix, snippet = finding.get("fix"), finding.get("snippet")
    words = f"<p><b>Fix.</b> {escape(str(fix))}</p>" if fix else ""
    return words + (f"<pre><code>{escape(str(snippet).rstrip())}</code></pre>" if snippet else "")


def _gain(finding: Mapping[str, Any]) -> str:
    if finding["verdict"] != "supported" or finding.get("gain") is None or finding["lane"] not in ("gain", "bound"):
        return ""
    most = "at most " if finding["lane"] == "bound" else ""
    return f' <span class="soft">{most}{100 * finding["gain"]:+.1f} points</span>'


def _look_alikes(finding: Mapping[str, Any], findings: Findings) -> str:
    """Causes that show the same symptoms, and how each was excluded."""
    named = finding.get("look_alikes") or ()
    alike = [one for one in findings if one["id"] in named or finding["id"] in (one.get("look_alikes") or ())]
    lines = "".join(
        f"<li>{escape(str(one['title']))}: {escape(_ALIKE.get(str(one['verdict']), str(one['verdict'])))}. "
        f'<span class="soft">{escape(str(one.get("summary") or ""))}</span></li>'
        for one in alike
        if one["verdict"] != "not_testable"
    )
    untested = ", ".join(escape(str(one["title"])) for one in alike if one["verdict"] == "not_testable")
    lines += f"<li>Not excluded, because an input is missing: {untested}.</li>" if untested else ""
    return f"<p><b>What looks the same</b></p><ul>{lines}</ul>" if lines else ""


def _tables(run: Run, identifier: str) -> str:
    return "".join(
        f"<p><b>{escape(name.replace('_', ' ').capitalize())}</b></p>{_table(table)}"
        for name, table in run.evidence_tables(identifier).items()
        if 0 < len(table) <= SMALL_ROWS and table.shape[1] <= SMALL_COLUMNS
    )


def _table(table: pd.DataFrame) -> str:
    shown = readable_table(table, SMALL_ROWS).map(escape)
    return html_table([escape(str(name)) for name in shown], shown.to_numpy().tolist(), numbers=shown.shape[1])


def _untested(findings: Findings) -> str:
    """Hypotheses without their inputs, by what a person has to do for them."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for finding in findings:
        if finding["verdict"] == "not_testable":
            groups.setdefault(tuple(finding.get("how_to_add") or finding.get("needs") or ()), []).append(finding)
    lines = "".join(
        f"<li>{escape(' '.join(how) or 'An input is missing.')} "
        f'<span class="soft">Then: {escape(", ".join(str(one["title"]) for one in found))}.</span></li>'
        for how, found in sorted(groups.items(), key=lambda item: -len(item[1]))
    )
    return f"<h3>Not tested: what more inputs would make possible</h3><ul>{lines}</ul>" if lines else ""
