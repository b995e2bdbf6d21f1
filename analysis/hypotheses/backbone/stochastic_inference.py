"""Something is drawn at random while the network is evaluated: dropout, stochastic depth, noise."""

from dataclasses import replace

from analysis.diagnosis.hypothesis import Hypothesis, Lane, Measurement, Outcome, Stage
from analysis.diagnosis.network_evidence import NOISE, changed_before, evidence_of, number, probes_of
from analysis.diagnosis.repairs import Repair
from analysis.diagnosis.rerun_choice import best_rerun
from analysis.diagnosis.rerun_measurement import Topic, chosen_variant, measured
from analysis.diagnosis.significance import Interval
from analysis.diagnosis.verdicts import is_material
from analysis.diagnosis.view import View

_TOPIC = Topic(
    axis="randomness",
    fault="The network draws at random while it is evaluated (dropout, stochastic depth or noise left on): the same "
    "picture gets different answers. With nothing drawn:",
    others="ways of leaving out what is random",
    none="Randomness was not left out.",
)


def what_if(view: View) -> Repair | None:
    """The answers with every random draw replaced by its expectation."""
    return best_rerun(view, "randomness")


def measure(view: View, outcome: Outcome | None) -> Measurement:
    """Largest change of a logit when the same batch is asked twice, in standard deviations of the logits."""
    assert outcome is not None
    probes = probes_of(view)
    moved = number(probes, "repeat_difference")
    found = measured(view, outcome, _TOPIC, 0.005)
    seen = evidence_of(
        probes, "repeat_difference", "largest change of a logit when asked twice", "standard deviations", NOISE
    )
    found = replace(found, evidence=(*seen, *found.evidence))
    if moved is None:
        return replace(found, abstain=f"the probe could not be made: {probes.get('failed') or 'it was left out'}")
    if changed_before(view, "evaluation", "randomness"):
        return replace(found, ceiling=0.0, denial="Nothing is drawn at random in the answers judged here.")
    if moved <= NOISE:
        return replace(found, ceiling=0.0, abstain=None, denial=_same(probes["pictures"]))
    gains = chosen_variant(outcome) is not None and is_material(outcome.score.change, float(outcome.before.mean()))
    if gains:
        return found
    harmless = (
        f"The same pictures asked twice get different answers: a logit changes by up to {moved:.2g} standard "
        "deviations, so something is drawn at random (dropout, stochastic depth, noise). Here this costs no accuracy "
        "that can be told from chance, but the numbers will not be the same the next time."
    )
    return replace(found, summary=harmless, abstain=None, effect=Interval.exactly(moved), lane=Lane.VALIDITY)


def _same(pictures: int) -> str:
    return f"Nothing is drawn at random: {pictures:,} pictures asked twice got the same answers."


HYPOTHESIS = Hypothesis(
    id="stochastic_inference",
    title="Answers are drawn at random",
    chapter="backbone",
    claim="dropout, stochastic depth or noise is on while the network is evaluated",
    lane=Lane.GAIN,
    gain_kind="rerun",
    stage=Stage.EARLY,
    needs=("samples", "reruns"),
    measure=measure,
    what_if=what_if,
    min_effect=NOISE,
    n_min=32,
    explains=("logit_group_bias", "logit_scale_mismatch", "miscalibration"),
    pairs=True,
    look_alikes=("bn_train_mode_eval", "precision_overflow", "miscalibration"),
    fix="Call `model.eval()` before validating, pass `training=self.training` to functional dropout, and leave random "
    "transforms out of the validation loader.",
    source="the same batch twice, float32; exact",
)
