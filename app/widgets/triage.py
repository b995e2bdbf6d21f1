"""Triage: tags on samples by key, in the gallery and in the drawer, and how often each was given."""

import streamlit as st

from analysis.arrays import IntArray
from analysis.errors import StoreError
from analysis.reports.triage import Share
from app import people, state
from app.components.gallery import Tagging
from app.queries import triage
from app.queries.runs import RunKey
from app.widgets.sample_gallery import open_sample
from app.widgets.text import escape_markdown


def tagging(key: RunKey) -> Tagging:
    """What the keys of a gallery of this run do."""
    return Tagging(
        words=triage.KEYS,
        may_tag=people.current().may_edit,
        on_tag=lambda samples, tag: _set(key, samples, tag),
        on_undo=lambda: _undo(key),
    )


def _set(key: RunKey, samples: list[int], tag: str | None) -> str:
    try:
        triage.set_tag(key, samples, tag)
    except StoreError as error:
        return f":material/error: {escape_markdown(error)}"
    return ""


def _undo(key: RunKey) -> str:
    try:
        change = triage.undo(key)
    except StoreError as error:
        return f":material/error: {escape_markdown(error)}"
    return "Taken back." if change else "There is no tag of yours left to take back."


def drawer_tags(key: RunKey, sample_id: int, following: int | None) -> None:
    """The tags as buttons with their keys; each goes on to the following sample, where there is one."""
    mine, may_edit = triage.tags(key).get(sample_id), people.current().may_edit
    with st.container(horizontal=True, gap="xsmall", key="drawer_tags"):
        for digit, tag in triage.KEYS.items():
            st.button(
                tag.capitalize(), key=f"drawer_tag_{digit}", shortcut=digit, disabled=not may_edit,
                type="primary" if tag == mine else "secondary", on_click=_set_and_go,
                args=(key, sample_id, tag, following),
            )  # fmt: skip
        st.button(
            "Clear", key="drawer_tag_0", shortcut="0", type="tertiary", disabled=not may_edit or mine is None,
            on_click=_set_and_go, args=(key, sample_id, None, None),
        )  # fmt: skip
        st.button(
            "Undo", key="drawer_undo", shortcut="U", type="tertiary", icon=":material/undo:", disabled=not may_edit,
            on_click=_undo_and_say, args=(key,),
        )  # fmt: skip
    if not may_edit:
        st.caption("Only editors can tag samples; you can look and export.")


def _set_and_go(key: RunKey, sample_id: int, tag: str | None, following: int | None) -> None:
    message = _set(key, [sample_id], tag)
    if message:
        st.toast(message)
    elif following is not None:
        open_sample(following)


def _undo_and_say(key: RunKey) -> None:
    st.toast(_undo(key))


def counts(key: RunKey, samples: IntArray, where: str) -> None:
    """How many of these samples people looked at, how often each tag was given, and the list as CSV.

    `where` is the filter expression that these samples pass; empty for all.
    """
    found = triage.shares_among(key, samples)
    looked_at = found[0].looked_at
    # The container is there from the start: a new one would make the gallery below anew, and the keys would lose it.
    with st.container(horizontal=True, vertical_alignment="center", key="triage_counts"):
        if not looked_at:
            return
        said = " · ".join(_share(share) for share in found if share.count)
        st.markdown(
            f"Of **{looked_at:,}** looked at: {said}", width="content",
            help="Share of the samples shown here that people looked at, ± half of the 95 % interval (Wilson).",
        )  # fmt: skip
        st.space("stretch")
        st.link_button(
            "Triage as CSV", state.triage_url(key, where), icon=":material/download:", type="tertiary",
            help="The tagged ones among the samples that pass all filters" if where else "All tagged samples",
        )  # fmt: skip


def _share(share: Share) -> str:
    plural = {1: ""}.get(share.count, "s") if share.tag != "ambiguous" else ""
    return f"**{100 * share.share:.0f} %** ± {100 * share.half_width:.0f} {share.tag}{plural} ({share.count:,})"


def audited(key: RunKey, finding: str) -> None:
    """What people's tags say of the samples that a finding points at; nothing where nobody looked."""
    found = triage.audited(key, finding)
    if found is None:
        return
    what = {"wrong label": "wrong labels", "duplicate": "duplicates", "bad picture": "bad pictures"}[found.tag]
    st.markdown(
        f":material/fact_check: Of **{found.looked_at:,}** flagged that people looked at, **{found.count:,}** are "
        f"{what}: **{100 * found.share:.0f} %** [{100 * found.low:.0f}, {100 * found.high:.0f}]",
        help="Audited precision with its 95 % interval (Wilson), from the triage on the Examples page. The strongest "
        "are usually looked at first, so it holds for what was looked at.",
    )
