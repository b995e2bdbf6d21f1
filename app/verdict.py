"""The verdict in plain words: the one sentence that a newcomer reads first; plain Python, tested without a browser."""

from dataclasses import dataclass

from app.findings import NO_FAULT, Checklist, Finding, Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictText:
    """What stands at the top of the Overview; plain text, not markdown."""

    headline: str
    paragraph: str
    leading: Finding | None
    others: tuple[Finding, ...]  # further supported causes, in rank order
    calm: bool  # no fault found


def verdict_text(checklist: Checklist) -> VerdictText:
    """Say what is wrong, how sure that is and what it costs."""
    supported = [f for f in checklist.with_verdict("supported") if f.id != NO_FAULT and f.lane != "validity"]
    leading = next((f for f in supported if f.id == checklist.leading), None)
    if leading is None:
        return _calm(checklist, tuple(supported))
    others = tuple(f for f in supported if f is not leading)
    return VerdictText(
        headline=f"Main cause: {leading.title}",
        paragraph=f"{_today(checklist)} {_what_if(leading)}{_together(checklist, leading)}",
        leading=leading,
        others=others,
        calm=False,
    )


def _calm(checklist: Checklist, others: tuple[Finding, ...]) -> VerdictText:
    tested = [
        f for f in checklist.findings if f.id != NO_FAULT and f.verdict in ("refuted", "inconclusive", "supported")
    ]
    undecided = sum(f.verdict == "inconclusive" for f in tested)
    left = f" {undecided} of them could not be decided." if undecided else ""
    untested = len(checklist.with_verdict("not_testable"))
    missing = f" {untested} more could not be tested for lack of inputs." if untested else ""
    return VerdictText(
        headline="No fault found",
        paragraph=(
            f"{_today(checklist)} Of {len(tested)} possible causes tested, none would give accuracy back if it were "
            f"undone.{left}{missing}"
        ),
        leading=None,
        others=others,
        calm=True,
    )


def _today(checklist: Checklist) -> str:
    accuracy = checklist.accuracy
    if accuracy.overall is None:
        return "No sample could be scored."
    sentence = f"The classifier is right on {100 * accuracy.overall:.1f} % of {accuracy.n:,} samples"
    chance = accuracy.chance
    if chance and accuracy.overall < 0.8 * chance and _is_below(accuracy.overall, chance, accuracy.n):
        sentence += f", worse than guessing ({100 * chance:.2g} %)"
    elif chance and accuracy.overall < 2 * chance and accuracy.overall < chance + 0.2:
        sentence += f", little better than guessing ({100 * chance:.2g} %)"
    elif accuracy.old is not None and accuracy.new is not None and abs(accuracy.old - accuracy.new) >= 0.1:
        sentence += f": {100 * accuracy.old:.1f} % on old classes, {100 * accuracy.new:.1f} % on new ones"
    return f"{sentence}."


def _what_if(finding: Finding) -> str:
    if finding.accuracy_if_fixed is None:
        return finding.summary
    would = "could at most become" if finding.at_most else "would be"
    return f"If this were undone it {would} {100 * finding.accuracy_if_fixed:.1f} %{_interval(finding)}."


def _interval(finding: Finding) -> str:
    if finding.gain_low is None or finding.gain_high is None or finding.at_most:
        return ""
    return f" (gain {100 * finding.gain_low:+.1f} to {100 * finding.gain_high:+.1f} points, 95 % interval)"


def _together(checklist: Checklist, leading: Finding) -> str:
    measured = measured_top(checklist.ladder)
    if measured is None or measured.id == leading.id or leading.at_most or leading.accuracy_if_fixed is None:
        return ""
    if measured.accuracy <= leading.accuracy_if_fixed:
        return ""
    return f" With every measured fault undone it would be {100 * measured.accuracy:.1f} %."


def measured_top(ladder: tuple[Rung, ...]) -> Rung | None:
    """The last rung that was measured, or None where nothing can be given back."""
    measured = [rung for rung in ladder if rung.id is not None and not rung.at_most]
    return measured[-1] if measured else None


def _is_below(share: float, chance: float, n: int) -> bool:
    """Two standard errors of guessing below it: none of 285 right is what guessing among 1,000 classes gives, too."""
    return (chance - share) ** 2 * n > 4 * chance * (1 - chance)
