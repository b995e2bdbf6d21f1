"""The page Logits: how old and new classes compete, and what a constant offset would change."""

from functools import partial

import numpy as np
import streamlit as st

from app import state
from app.charts import logits as charts
from app.charts import palette
from app.charts.distributions import distribution
from app.queries import filters, runs
from app.queries import logits as queries
from app.queries.bias_sweep import BiasSweep, bias_sweep
from app.queries.logits import HeadRows
from app.queries.runs import RunKey
from app.widgets import states
from app.widgets.in_view import in_view
from app.widgets.one_of import one_of
from app.widgets.text import escape_markdown, percent

COLOURS = {f"{group} {noun}": palette.GROUP[group] for group in palette.GROUP for noun in ("labels", "classes")}
EXPLAIN = {
    "Label's logit": "The logit of the correct class, by that class's group. The group that sits lower loses.",
    "Largest logit": "Each sample's strongest old class against its strongest new class, whatever its label is.",
    "Margin": "The label's logit minus the best other logit. Right of 0 the sample is correct.",
}


def page() -> None:
    """Draw the page."""
    key = state.current_run()
    st.title("Logits")
    if not runs.has_samples(key):
        states.pending("The comparison of logits")
        return
    if runs.size(key) == 0:
        states.empty("This run has no usable samples.", hint="Look at the problems on the Runs page.")
        return
    split = runs.is_old(key) is not None
    if split:
        _sweep(key)
    else:
        states.no_old_list("The comparison of old and new logits")
    _samples(key)
    _head(key)


def _sweep(key: RunKey) -> None:
    st.subheader(
        "Would a constant offset repair it?",
        help="Every new class gets the same number added to its logit; accuracy is counted exactly at every offset.",
    )
    sweep = bias_sweep(key, *filters.keyed(key))
    if sweep is None:
        states.not_here(
            "The sweep of the offset",
            "It needs labelled samples of old and of new classes; take the filter away if there is one.",
        )
        return
    st.markdown(_sentence(sweep))
    _other_cause(key)
    figures = st.columns(4)
    _accuracy(figures[0], "Overall accuracy", sweep, "overall", "Share of all samples that are correct.")
    _accuracy(figures[1], "Old classes", sweep, "old", "Share correct among samples whose label is an old class.")
    _accuracy(figures[2], "New classes", sweep, "new", "Share correct among samples whose label is a new class.")
    _accuracy(figures[3], "Harmonic mean", sweep, "harmonic", "Of the old and new accuracy: high only when both are.")
    st.caption("Large: today. Small: the change at the best offset, fitted and counted on the same samples.")
    in_view("log_sweep_near", partial(_curves, sweep), height=380, about=filters.keyed(key))


def _curves(sweep: BiasSweep) -> None:
    st.plotly_chart(
        charts.bias_sweep(sweep.table, best=sweep.best, width=_width(sweep)),
        key="log_sweep",
        alt="Accuracy of all, old and new classes against the offset added to new logits",
    )


def _sentence(sweep: BiasSweep) -> str:
    gain = sweep.then["overall"] - sweep.now["overall"]
    if abs(sweep.best) < 0.05 or gain <= 0:
        today = percent(sweep.now["overall"])
        return f"No constant offset does better than today's **{today}**: the groups are in balance."
    act = f"Subtracting {-sweep.best:.1f} from" if sweep.best < 0 else f"Adding {sweep.best:.1f} to"
    return (
        f"**{act} new logits would give {percent(sweep.then['overall'])}** instead of {percent(sweep.now['overall'])}: "
        f"old classes {percent(sweep.now['old'])} → {percent(sweep.then['old'])}, "
        f"new classes {percent(sweep.now['new'])} → {percent(sweep.then['new'])} ({sweep.samples:,} samples)."
    )


def _other_cause(key: RunKey) -> None:
    """An offset measured on top of another fault misleads: say so where the checklist leads with something else."""
    found = runs.findings(key) or {}
    leading = found.get("leading")
    title = next((finding["title"] for finding in found.get("findings", []) if finding["id"] == leading), None)
    if title is not None and leading != "logit_group_bias":
        state.page_link(
            "checklist",
            f"Measured on the answers as they are. The checklist names another cause first: {escape_markdown(title)}",
            icon=":material/arrow_forward:",
            finding=leading,
        )


def _accuracy(place: st.delta_generator.DeltaGenerator, label: str, sweep: BiasSweep, column: str, hint: str) -> None:
    change = 100 * (sweep.then[column] - sweep.now[column])
    delta = f"{change:+.1f} points" if np.isfinite(change) and abs(change) >= 0.05 else None
    place.metric(label, percent(sweep.now[column]), delta, border=True, help=hint)


def _width(sweep: BiasSweep) -> float:
    """Offsets beyond which nothing changes any more are not worth the space."""
    overall = sweep.table["overall"]
    away = (overall - overall.iloc[0]).abs().gt(0.005) & (overall - overall.iloc[-1]).abs().gt(0.005)
    reach = sweep.table["delta"][away].abs().max() if away.any() else 1.0
    return float(max(1.0, 1.15 * reach, 1.3 * abs(sweep.best)))


def _samples(key: RunKey) -> None:
    st.subheader("Which logits do the samples get?")
    outcome = one_of("Prediction is", ["All", "Wrong", "Correct"], key="log_outcome")
    _distribution(key, outcome)
    if runs.is_old(key) is not None:
        st.subheader("Old against new, sample by sample")
        draw = partial(_competition, key, outcome)
        in_view("log_density_near", draw, height=480, about=(outcome, *filters.keyed(key)))


@st.fragment
def _distribution(key: RunKey, outcome: str) -> None:
    measure = one_of("Measure", queries.MEASURES, key="log_measure")
    st.caption(EXPLAIN[measure])
    draw = partial(_steps, key, measure, outcome)
    in_view("log_distribution_near", draw, height=300, about=(measure, outcome, *filters.keyed(key)))


def _steps(key: RunKey, measure: str, outcome: str) -> None:
    table = queries.distributions(key, measure, outcome, *filters.keyed(key))
    if not table["count"].sum():
        states.empty("No sample passes this filter.", icon=":material/filter_alt_off:")
        return
    x = "margin (logits)" if measure == "Margin" else "logit"
    st.plotly_chart(distribution(table, x=x, colours=COLOURS), key="log_distribution", alt=f"Distribution: {measure}")


def _competition(key: RunKey, outcome: str) -> None:
    density = queries.density(key, outcome, *filters.keyed(key))
    if density is None:
        states.empty("No sample passes this filter.", icon=":material/filter_alt_off:")
        return
    old, new = percent(density.new_wins["old"]), percent(density.new_wins["new"])
    st.markdown(
        "Above the dashed line the strongest new class wins. It does so for "
        f"**{old}** of the samples with an old label and **{new}** of those with a new label."
    )
    st.plotly_chart(
        charts.old_against_new(density.counts, density.edges, dark=st.context.theme.type == "dark"),
        key="log_density",
        alt="Density of samples over their largest old and largest new logit, by the label's group",
    )


def _head(key: RunKey) -> None:
    st.subheader(
        "Head rows",
        help="The last layer has one row of weights and one bias a class; a longer row or a larger bias wins more.",
    )
    rows = queries.head_rows(key)
    if rows is None:
        states.not_here(
            "The head",
            "Its last layer could not be found (compiled programs hide it), or the classes are not computed yet.",
        )
        return
    in_view("log_head_near", partial(_rows, rows), height=370)


def _rows(rows: HeadRows) -> None:
    norms, biases = st.columns(2)
    with norms:
        st.caption("Median norm: " + _medians(rows.median_norm))
        figure = distribution(rows.norms, x="norm of the class's row (L2)", colours=COLOURS, of="classes")
        st.plotly_chart(figure, key="log_norms", alt="Norms of the head's rows by group")
    with biases:
        if rows.biases is None:
            st.caption("The head has no bias, or all of them are 0.")
            return
        st.caption("Median bias: " + _medians(rows.median_bias))
        figure = distribution(rows.biases, x="bias of the class (logits)", colours=COLOURS, of="classes")
        st.plotly_chart(figure, key="log_biases", alt="Biases of the head by group")


def _medians(medians: dict[str, float]) -> str:
    return ", ".join(f"{name} **{value:.2f}**" for name, value in medians.items())


if __name__ == "__main__":
    page()
