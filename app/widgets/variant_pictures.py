"""The same pictures as the network sees them, one row a variant."""

from html import escape

import pandas as pd
import streamlit as st

from app import state
from app.queries import rerun_pictures, runs
from app.queries.rerun_pictures import OWN, Prepared
from app.queries.runs import RunKey

MOST = 6  # variants
_SIDE = 104


def variant_pictures(run: RunKey, table: pd.DataFrame) -> None:
    """Draw the run's own way above the best variants; nothing where no pictures were kept.

    Args:
        run: The run.
        table: `variant`, `label`, `accuracy`, as a finding's table `variants` has them.
    """
    if not {"variant", "label", "accuracy"} <= set(table.columns):
        return
    best = table.sort_values("accuracy", ascending=False, kind="stable").head(MOST)
    groups = rerun_pictures.prepared(run, tuple(str(name) for name in best["variant"]))
    if not groups:
        return
    words = {str(row.variant): f"{row.label}: {100 * row.accuracy:.0f} % right" for row in best.itertuples()}
    st.markdown(
        "**What the network sees.** Pictures as in training mostly look natural; the accuracy of each row decides."
    )
    for group in groups:
        st.html(_rows(run, group, words))


def _rows(run: RunKey, group: Prepared, words: dict[str, str]) -> str:
    label = runs.column(run, "label")
    names = "".join(_name(str(label[i]) if 0 <= i < len(label) else "") for i in group.samples)
    own = _row(run, OWN, "as it was", group.samples)
    others = "".join(_row(run, variant, words[variant], group.samples) for variant in group.variants)
    table = f'<table style="border-spacing:6px;border-collapse:separate">{own}{others}<tr><td></td>{names}</tr></table>'
    return f'<div style="overflow-x:auto">{table}</div>'


def _row(run: RunKey, variant: str, words: str, samples: tuple[int, ...]) -> str:
    cells = "".join(f"<td>{_picture(run, variant, words, sample)}</td>" for sample in samples)
    return (
        f'<tr><th scope="row" style="text-align:left;font-weight:400;max-width:16rem">{escape(words)}</th>{cells}</tr>'
    )


def _picture(run: RunKey, variant: str, words: str, sample: int) -> str:
    return (
        f'<img loading="lazy" width="{_SIDE}" height="{_SIDE}" alt="{escape(f"sample {sample}, {words}")}" '
        f'src="{escape(state.prepared_url(run, variant, sample))}" '
        'style="object-fit:contain;border-radius:6px;background:rgba(128,128,128,.15);display:block">'
    )


def _name(label: str) -> str:
    return (
        f'<td style="max-width:{_SIDE}px;font-size:.72rem;opacity:.8;overflow:hidden;text-overflow:ellipsis;'
        f'white-space:nowrap">{escape(label)}</td>'
    )
