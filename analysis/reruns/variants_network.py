"""Variants of the network itself: evaluation mode, number format, weight set, BatchNorm statistics, model before."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from analysis.inference.moving import move
from analysis.models.loading import LoadedModel
from analysis.reruns.axis import Axis
from analysis.reruns.batch_norm_statistics import estimate, in_place
from analysis.reruns.forced_evaluation import in_evaluation, without_randomness
from analysis.reruns.full_precision import in_full_precision
from analysis.reruns.network_facts import ESTIMATED, NetworkFacts, shuffled, within
from analysis.reruns.sources import Sources
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Alteration, Variant, variant_id
from analysis.reruns.weight_states import between, buffers_of, replaced, state_of, with_old_rows

PRIORS = (0, 16, 128, 1024)
ALPHAS = (0.5, 0.25)
_OTHER_STATISTICS = ("weight_set", "old_buffers", "evaluation")  # what was seen of the statistics says nothing of these
Change = Callable[[Subject, Variant], AbstractContextManager[LoadedModel]]


def network_axes(facts: NetworkFacts, sources: Sources) -> tuple[tuple[Axis, ...], tuple[Axis, ...]]:
    """Axes to search before those of the preprocessing, and after them.

    Before: what the probes have shown, or what does not depend on the pictures. BatchNorm is estimated anew after the
    preprocessing, whose faults it would hide. Where it does not fit beyond the first layer it is also estimated before,
    so that both causes can be held against each other, elsewhere as soon as another preprocessing does better; where it
    was never trained, nothing can be judged without.

    Args:
        facts: what is known of the network.
        sources: other weights.
    """
    far, useless = facts.statistics_are_far, facts.statistics_are_useless
    statistics = Axis(
        name="batch_norm",
        share=1.0,
        propose=lambda subject, base: _statistics(subject, base, facts, sure=far),
        follows=useless,
    )
    first = (
        Axis(name="randomness", share=0.5, propose=lambda s, b: _randomness(s, b, facts), follows=False),
        Axis(name="evaluation", share=0.5, propose=lambda s, b: _evaluation(s, b, facts, sources)),
        Axis(name="precision", share=0.5, propose=lambda s, b: _precision(s, b, facts)),
        Axis(name="weight_set", share=1.0, propose=lambda s, b: _weight_sets(s, b, sources)),
        Axis(name="old_buffers", share=0.5, propose=lambda s, b: _old_buffers(s, b, sources)),
    )
    rival = Axis(
        name="batch_norm",
        share=0.0,
        propose=lambda subject, base: _statistics(subject, base, facts, sure=True)[:1],
        rivals=frozenset({"normalization", "channels", "geometry"}),
    )
    last = Axis(name="interpolation", share=1.0, propose=lambda s, b: _interpolations(s, b, sources), follows=False)
    return (*first, *([statistics] if far else []), rival), (*([] if useless else [statistics]), last)


def _randomness(subject: Subject, base: Variant, facts: NetworkFacts) -> list[Variant]:
    if not facts.probes.draws:
        return []
    return [_variant(base, "randomness", "nothing drawn at random", _still, sure=True)]


def _evaluation(subject: Subject, base: Variant, facts: NetworkFacts, sources: Sources) -> list[Variant]:
    """Evaluation mode with the checkpoint's own statistics, and with new ones."""
    if not facts.probes.mixes:
        return []
    stored = bool((~facts.profile["mean_distance"].isna()).any())
    words = "evaluation mode forced"
    own = _variant(base, "evaluation", words, lambda s, v: _evaluated(s, v, sources, new=False), sure=True)
    new = _variant(
        base, "evaluation", f"{words}, BatchNorm estimated anew", lambda s, v: _evaluated(s, v, sources, new=True),
        sure=True,
    )  # fmt: skip
    return [own, new] if stored else [own]


def _precision(subject: Subject, base: Variant, facts: NetworkFacts) -> list[Variant]:
    if not facts.is_coarse:
        return []
    return [_variant(base, "precision", "float32 throughout", _full, sure=True, precision="fp32", worth=0.005)]


def _weight_sets(subject: Subject, base: Variant, sources: Sources) -> list[Variant]:
    """The checkpoint's other sets, as they are and with BatchNorm estimated anew: averages keep no statistics."""
    found = []
    for name in subject.model.weight_sets:
        if name == subject.model.weights:
            continue
        plain, renewed = _other_set(sources, name, new=False), _other_set(sources, name, new=True)
        words = f"weight set {name!r} instead of {subject.model.weights!r}"
        settings: dict[str, Any] = {"weights": name}
        found.append(_variant(base, "weight_set", words, plain, sure=True, worth=0.01, **settings))
        found.append(
            _variant(base, "weight_set", f"{words}, BatchNorm estimated anew", renewed, sure=True, worth=0.01,
                     batch_norm="estimated anew", **settings)
        )  # fmt: skip
    return found


def _old_buffers(subject: Subject, base: Variant, sources: Sources) -> list[Variant]:
    """Only under the old weights: statistics of other weights fit worse than estimated ones."""
    if not sources.frozen or not sources.baseline:
        return []
    buffers = buffers_of(sources.baseline)

    @contextmanager
    def change(subject: Subject, variant: Variant) -> Iterator[LoadedModel]:
        with replaced(subject.model.module, buffers):
            yield subject.model

    words = "BatchNorm statistics of the model before"
    return [_variant(base, "old_buffers", words, change, sure=True, worth=0.01, old=sources.baseline_digest)]


def _statistics(subject: Subject, base: Variant, facts: NetworkFacts, *, sure: bool) -> list[Variant]:
    """BatchNorm estimated anew; mixed with what is stored only where that is not plainly useless."""
    if facts.profile.empty or facts.probes.mixes or base.axis == "batch_norm":
        return []
    sure = sure and base.axis not in _OTHER_STATISTICS
    useless = facts.statistics_are_useless
    pictures = within(len(subject), ESTIMATED)
    found = []
    for prior in PRIORS[:1] if useless or not sure else PRIORS:
        words = "BatchNorm estimated anew" + (f", {prior} pictures' worth of the old kept" if prior else "")
        found.append(_variant(base, "batch_norm", words, _mixed(prior), sure=sure, prior=prior, pictures=pictures))
    return found


def _interpolations(subject: Subject, base: Variant, sources: Sources) -> list[Variant]:
    """Weights between the old model and this one, BatchNorm estimated anew."""
    if not sources.baseline or not sources.forgot or subject.model.head is None:
        return []
    if base.axis in ("batch_norm", "old_buffers"):  # statistics are estimated here anyway
        base = Variant(id="", axis="", base="", label="", preprocessing=subject.preprocessing)
    head = subject.model.head.place
    names = [name for name in (head.weight_name, head.bias_name) if name]
    new = {name: tensor.to("cpu", copy=True) for name, tensor in subject.model.module.state_dict().items()}
    old = with_old_rows(new, sources.baseline, names, sources.rows)

    def at(alpha: float) -> Change:
        @contextmanager
        def change(subject: Subject, variant: Variant) -> Iterator[LoadedModel]:
            with replaced(subject.model.module, between(old, new, alpha)), _renewed(subject, variant, 0) as model:
                yield model

        return change

    return [
        _variant(
            base, "interpolation", f"{100 * (1 - alpha):.0f} % of the way back to the model before", at(alpha),
            sure=True, alpha=alpha, old=sources.baseline_digest,
        )
        for alpha in ALPHAS
    ]  # fmt: skip


@contextmanager
def _still(subject: Subject, variant: Variant) -> Iterator[LoadedModel]:
    with without_randomness(subject.model.module) as module:
        yield replace(subject.model, module=module)


@contextmanager
def _full(subject: Subject, variant: Variant) -> Iterator[LoadedModel]:
    with in_full_precision(subject.model.module) as module:
        yield replace(subject.model, module=module)


@contextmanager
def _evaluated(subject: Subject, variant: Variant, sources: Sources, *, new: bool) -> Iterator[LoadedModel]:
    """The statistics of the file: those in memory have moved with every batch that was asked."""
    buffers = buffers_of(state_of(sources.model.checkpoint, subject.model, subject.model.weights))
    module = subject.model.module

    def pictures() -> Iterator[Any]:
        return shuffled(subject, variant, within(len(subject), ESTIMATED))

    with replaced(module, buffers), in_evaluation(module, pictures, estimate_all=new) as network:
        yield replace(subject.model, module=network)


def _other_set(sources: Sources, name: str, *, new: bool) -> Change:
    @contextmanager
    def change(subject: Subject, variant: Variant) -> Iterator[LoadedModel]:
        state = state_of(sources.model.checkpoint, subject.model, name)
        with ExitStack() as stack:
            stack.enter_context(replaced(subject.model.module, state))
            yield stack.enter_context(_renewed(subject, variant, 0)) if new else subject.model

    return change


def _mixed(prior: int) -> Change:
    return lambda subject, variant: _renewed(subject, variant, prior)


@contextmanager
def _renewed(subject: Subject, variant: Variant, prior: int) -> Iterator[LoadedModel]:
    pictures = within(len(subject), ESTIMATED)
    found = estimate(subject.model.module, shuffled(subject, variant, pictures))
    with in_place(subject.model.module, {name: layer.shrunk(prior, pictures) for name, layer in found.items()}):
        yield subject.model


def _variant(
    base: Variant, axis: str, words: str, change: Change, *, sure: bool = False, worth: float = 0.02,
    precision: Any = None, **settings: Any,
) -> Variant:  # fmt: skip
    made = replace(
        base,
        id=variant_id(base.id, axis, words) if base.id else variant_id(axis, words),
        axis=axis,
        base=base.id,
        label=words,
        settings={"network": {"axis": axis, **settings}},
        precision=precision or base.precision,
        rows=None,
        cost=1.0,
        opening=float(settings.get("pictures", 0)),
        worth=worth,
        sure=sure,
    )
    return replace(made, network=_on_top(base, made, change))


def _on_top(base: Variant, variant: Variant, change: Change) -> Alteration:
    """The base's own alteration first, then this one."""

    @contextmanager
    def alter(subject: Subject) -> Iterator[LoadedModel]:
        with ExitStack() as stack:
            model = subject.model if base.network is None else stack.enter_context(base.network(subject))
            move(model.module, subject.device)
            yield stack.enter_context(change(replace(subject, model=model), variant))

    return alter
