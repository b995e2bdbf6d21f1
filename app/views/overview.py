"""Overview: what is wrong, how sure that is, what it costs; understood in ten seconds, before any chart."""

import streamlit as st

from app import state
from app.charts.ladder import ladder
from app.findings import Accuracy, Checklist, Finding
from app.missing_inputs import missing_inputs
from app.queries import overview, passing, runs
from app.queries.findings import checklist
from app.queries.overview import ClusterCard
from app.queries.runs import RunKey
from app.verdict import measured_top, verdict_text
from app.widgets import states
from app.widgets.about_run import about_run
from app.widgets.terms import TERMS
from app.widgets.text import count, escape_markdown, percent
from app.widgets.thumbnails import Picture, strip

NAMED, NEEDS = 6, 5  # titles a verdict, missing inputs; the checklist has them all
LIMITS = {"group_tag_error": ("old", "new"), "miscalibration": ()}  # which accuracies a finding limits; else all


def page() -> None:
    """Draw the page."""
    run = state.current_run()
    found = checklist(run)
    if found is None:
        states.pending("The verdict")
        return
    _verdict(found)
    _banners(found)
    _numbers(found, split=runs.is_old(run) is not None)
    chart, tests = st.columns([3, 2], gap="medium")
    with chart.container(border=True):
        _ladder(found)
    with tests.container(border=True, height="stretch"):
        _tests(found)
    _clusters(run)
    about_run(run)


def _banners(found: Checklist) -> None:
    """What limits the numbers right below it: findings about their validity."""
    validity = [finding for finding in found.with_verdict("supported") if finding.lane == "validity"]
    said = {finding.summary for finding in validity}
    lines = [f"**{escape_markdown(finding.title)}.** {escape_markdown(finding.summary)}" for finding in validity]
    lines += [escape_markdown(notice) for notice in found.notices if notice not in said]
    if lines:
        st.warning("\n\n".join(lines), icon=":material/warning:")


def _verdict(found: Checklist) -> None:
    text = verdict_text(found)
    with st.container(border=True, key="verdict", gap="xsmall"):
        icon = ":green[:material/check_circle:]" if text.calm else ":red[:material/flag:]"
        st.title(f"{icon} {escape_markdown(text.headline)}", anchor=False)
        st.markdown(escape_markdown(text.paragraph))
        if text.leading is not None and text.leading.fix:
            st.markdown(f"**What to do:** {escape_markdown(text.leading.fix)}")
        if text.others:
            st.markdown("**Also found:** " + " · ".join(_other(finding) for finding in text.others))
        if text.leading is not None:
            state.page_link("checklist", "See the evidence", icon=":material/arrow_forward:", finding=text.leading.id)
        else:
            state.page_link("checklist", "See what was tested", icon=":material/arrow_forward:")


def _other(finding: Finding) -> str:
    title = escape_markdown(finding.title)
    if finding.gain is None or finding.gain <= 0:
        return title
    at_most = "at most " if finding.at_most else ""
    return f"{title} ({at_most}{100 * finding.gain:+.1f} points)"


def _numbers(found: Checklist, *, split: bool) -> None:
    accuracy = found.accuracy
    top = measured_top(found.ladder)
    limited = _limited(found)
    with st.grid(3 + (top is not None) if split else 2 + (top is not None), min_column_width=165, gap="small"):
        _metric(
            _marked("overall", limited, "Accuracy overall"),
            accuracy.overall,
            f"of {accuracy.n:,} samples",
            TERMS["accuracy"],
        )
        if split:
            old = _of(accuracy.n_old) if accuracy.baseline_old is None else _against(accuracy)
            _metric(_marked("old", limited, ":blue[●] Accuracy, old"), accuracy.old, old, TERMS["old"])
            new = _of(accuracy.n_new)
            _metric(_marked("new", limited, ":orange[●] Accuracy, new"), accuracy.new, new, TERMS["new"])
        else:
            _metric("By guessing", accuracy.chance, "a class at random", TERMS["chance"])
        if top is not None:
            gain = top.accuracy - (accuracy.overall or 0)
            _metric("With the faults undone", top.accuracy, f"{100 * gain:+.1f} points, measured", TERMS["if_fixed"])
    if split and accuracy.chance is not None:
        st.caption(f"Guessing would be right {100 * accuracy.chance:.2g} % of the time.", help=TERMS["chance"])
    if not split:
        st.caption(
            "This run was given no list of old classes, so old and new cannot be told apart here. To see them apart, "
            "start the investigation again with the names the model knew before it was expanded (`classes.old`)."
        )


def _limited(found: Checklist) -> set[str]:
    """Which accuracies a finding about validity limits: the banner above them says how."""
    validity = [finding for finding in found.with_verdict("supported") if finding.lane == "validity"]
    return {group for finding in validity for group in LIMITS.get(finding.id, ("overall", "old", "new"))}


def _marked(group: str, limited: set[str], label: str) -> str:
    return f":orange[:material/warning:] {label}" if group in limited else label


def _metric(label: str, value: float | None, beneath: str, term: str) -> None:
    st.metric(
        label, percent(value), beneath, delta_arrow="off", delta_color="off", help=term, border=True, height="stretch"
    )


def _against(accuracy: Accuracy) -> str:
    if accuracy.old is None or accuracy.baseline_old is None:
        return _of(accuracy.n_old)
    return f"{percent(accuracy.baseline_old)} before ({100 * (accuracy.old - accuracy.baseline_old):+.1f})"


def _of(count: int | None) -> str:
    return f"of {count:,} samples" if count else "no such samples"


def _ladder(found: Checklist) -> None:
    st.subheader("What each fix gives back", help=TERMS["ladder"], anchor=False)
    if len(found.ladder) < 2:
        st.caption("There is nothing to draw: no sample could be scored.")
        return
    words = ", ".join(f"{rung.label} {100 * rung.accuracy:.1f} %" for rung in found.ladder)
    st.plotly_chart(
        ladder(found.ladder, chance=found.accuracy.chance), key="ov_ladder", config={"displayModeBar": False},
        alt=f"Accuracy ladder: {words}",
    )  # fmt: skip


def _tests(found: Checklist) -> None:
    st.subheader("What was tested", anchor=False)
    for verdict, word, icon in (
        ("supported", "found", ":red[:material/flag:]"),
        ("refuted", "ruled out", ":green[:material/check_circle:]"),
        ("inconclusive", "undecided", ":orange[:material/help:]"),
    ):
        named = found.with_verdict(verdict)
        titles = ", ".join(escape_markdown(finding.title) for finding in named[:NAMED])
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        st.markdown(f"{icon} **{len(named)} {word}**{': ' if named else ''}{titles}{more}")
    _untested(found)
    state.page_link("checklist", "Open the checklist", icon=":material/checklist:")


def _untested(found: Checklist) -> None:
    failed = found.with_verdict("errored")
    if failed:
        titles = ", ".join(escape_markdown(finding.title) for finding in failed)
        many = count(len(failed), "test")
        st.markdown(f":gray[:material/error:] **{many} failed**, which says nothing about the model: {titles}")
    groups = missing_inputs(found)
    if not groups:
        st.caption("Every test had the inputs it needs.")
        return
    total = sum(len(group.findings) for group in groups)
    st.markdown(f":gray[:material/block:] **{total} could not be tested.** They need:")
    lines = [
        f"- {escape_markdown(' and '.join(group.names))}: {count(len(group.findings), 'test')}"
        for group in groups[:NEEDS]
    ]
    if len(groups) > NEEDS:
        lines.append(f"- and {count(len(groups) - NEEDS, 'other input')}")
    st.markdown("\n".join(lines))


def _clusters(run: RunKey) -> None:
    if not runs.has_samples(run):
        return
    cards = overview.worst_clusters(run, passing.current(run))
    st.subheader("Where it fails most", help=TERMS["cluster"], anchor=False)
    if not cards:
        why = "No group of pictures fails more often than the rest."
        st.caption(why if not runs.clusters(run).empty else "This run has no clusters (yet), or nothing stands out.")
        return
    with st.grid(2, min_column_width=420, gap="small"):
        for card in cards:
            _cluster(run, card)


def _cluster(run: RunKey, card: ClusterCard) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape_markdown(card.name)}**")
            st.space("stretch")
            state.page_link("clusters", "Open", icon=":material/arrow_forward:", cluster=card.cluster)
        st.caption(
            f"{card.errors:,} of {card.size:,} wrong, {card.excess_errors:,.0f} more than expected. Most often "
            f"{escape_markdown(card.top_label)} taken for {escape_markdown(card.top_prediction)}.",
            help=TERMS["excess"],
        )
        if not card.sample_ids:
            st.caption(":material/filter_alt: None of its errors passes the filter above.")
        pictures = zip(card.sample_ids, card.labels, card.predictions, strict=True)
        strip(
            run, [Picture(sample_id=i, caption=f"{label} → {taken}") for i, label, taken in pictures], size=76, rows=1
        )


if __name__ == "__main__":
    page()
