"""One preprocessing suits the old classes and another the new ones: the two trainings prepared pictures differently."""

from analysis.diagnosis.hypothesis import Evidence, Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.rerun_measurement import snippet_of
from analysis.diagnosis.routing import LEAST, PER_GROUP, Route, accuracies, best_route
from analysis.diagnosis.significance import Interval, Paired
from analysis.diagnosis.view import View


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Accuracy (fraction) gained where one group's pictures alone are prepared otherwise, beyond a constant's gain.

    Which group a picture belongs to is taken from its label, so this is a bound. A healthy model loses by it: pictures
    of new classes, prepared as it does not know them, lose to the old classes at least as often. The group that stays
    as it is has to lose by the variant among its own classes (else the variant suits both), twice as much as the one
    that is prepared so, and random groups of classes hardly ever gain as much.
    """
    del outcome
    old = view.is_old[view.label]
    few = int(min(old.sum(), (~old).sum()))
    best = best_route(view) if few else None
    abstain = f"only {few:,} samples in one of the groups, {PER_GROUP} are needed" if few < PER_GROUP else None
    if best is None:
        return Measurement(
            summary="",
            denial="No other preprocessing that was tried helps one group of classes and harms the other.",
            n=len(view),
            effect=Interval.exactly(0.0),
            abstain=abstain,
        )
    if not best.is_sure and best.change.change.high >= LEAST:
        abstain = abstain or f"{best.label} for one group alone may be luck of the search (p = {best.p:.1g})"
    return Measurement(
        summary=_summary(best),
        denial=_denial(best),
        n=len(view),
        effect=best.change.change,
        p=best.p,
        gain=best.gain,
        abstain=abstain,
        evidence=_evidence(best),
        tables={"variants": accuracies(view, best)},
        snippet=f"# for pictures of the {_names(best)[0]} classes alone\n{snippet_of(view, best.variant)}",
    )


def _summary(route: Route) -> str:
    name, other = _names(route)
    return (
        f"The {name} classes want their pictures prepared otherwise than the {other} ones: {route.label}. With them "
        f"alone prepared so, accuracy changes by {_points(route.change)} beyond what a constant between the groups "
        f"gives back; the {other} classes would lose by it ({_points(route.rest)} among themselves)."
    )


def _denial(route: Route) -> str:
    name, _ = _names(route)
    return (
        f"Of what was tried, {route.label} does most for the {name} classes alone, and that changes accuracy by "
        f"{_points(route.change)} beyond a constant between the groups."
    )


def _evidence(route: Route) -> tuple[Evidence, ...]:
    name, other = _names(route)
    changes = (
        (f"change of accuracy, {name} classes prepared so, beyond a constant", route.change, LEAST),
        (f"change of accuracy on {name} classes, among themselves", route.own, None),
        (f"change of accuracy on {other} classes, among themselves", route.rest, -LEAST),
    )
    return tuple(
        Evidence(name=name, value=change.change.value, threshold=threshold, unit="fraction", n=change.n)
        for name, change, threshold in changes
    )


def _names(route: Route) -> tuple[str, str]:
    return ("old", "new") if route.old else ("new", "old")


def _points(change: Paired) -> str:
    return f"{100 * change.change.value:+.1f} points"


HYPOTHESIS = Hypothesis(
    id="group_preproc_divergence",
    title="Old and new classes want different preprocessing",
    chapter="preprocessing",
    claim="the training of the old and of the new classes prepared pictures differently, so that no one setting suits "
    "both",
    lane=Lane.BOUND,
    gain_kind="bound",
    stage=Stage.LATE,
    needs=("samples", "split", "reruns"),
    measure=measure,
    min_effect=LEAST,
    n_min=2 * PER_GROUP,
    explains=("logit_group_bias", "logit_scale_mismatch", "class_prior_bias"),
    look_alikes=("preproc_normalization", "preproc_channel_order", "source_domain_shift"),
    fix="Bring the pictures of both trainings through one and the same preprocessing, then train the new classes "
    "again; until then a picture's source has to decide how it is prepared.",
    source="interaction of a re-run with the group of the class: exact McNemar against the best constant (Chao et al. "
    "2016, arXiv 1605.04253), groups drawn at random as in Phipson and Smyth 2010, arXiv 1603.05766",
)
