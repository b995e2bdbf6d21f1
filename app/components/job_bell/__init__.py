"""Tells a person who looks elsewhere that a job ended: in the tab's title, and on the desktop if they asked for it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "faultline_job_bell",
    html='<button type="button" hidden><span aria-hidden="true">🔔</span> <span>Tell me when it ends</span></button>',
    css=(_FOLDER / "job_bell.css").read_text("utf-8"),
    js=(_FOLDER / "job_bell.js").read_text("utf-8"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BellJob:
    """One job; its title is shown as it is, never as markup."""

    id: int
    title: str
    active: bool
    outcome: str = ""
    """How it ended, in words."""


def job_bell(jobs: Sequence[BellJob]) -> None:
    """Draw the button while a job is active; a job that was seen active and is no longer is told of, once a tab."""
    _mount(key="job_bell", data={"jobs": [asdict(job) for job in jobs]}, width="content", height="content")
