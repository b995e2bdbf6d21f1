"""What undoing a cause would do, and how that is known, in plain words; plain Python, tested without a browser."""

from app.findings import Checklist, Finding

_KINDS = {
    "exact": ("exact", "Exact: the fault is undone by calculation, nothing is fitted to the samples."),
    "fit": (
        "fitted",
        "Fitted on one half of the samples and scored on the other, and the other way round, so no sample is judged by "
        "a repair that has seen its label.",
    ),
    "rerun": (
        "asked again",
        "The pictures went through the network again with the fault undone. Which variant is best was chosen on one "
        "half of the samples and scored on the other, and the other way round.",
    ),
    "bound": (
        "at most",
        "A ceiling: at most this much can come back, where everything it touches were put right. Less is likely.",
    ),
}
_LANES = {
    "validity": "It limits how far the other numbers can be trusted; undoing it gives no accuracy back by itself.",
    "note": "It explains something that was seen; there is no accuracy to give back.",
}


def kind_word(finding: Finding) -> str:
    """How the gain is known, in a word or two; empty where there is none."""
    if finding.gain is None or finding.lane not in ("gain", "bound"):
        return ""
    return _KINDS[_kind(finding)][0] if _kind(finding) in _KINDS else ""


def sentences(checklist: Checklist, finding: Finding) -> tuple[str, ...]:
    """What undoing it gives back, alone and beside the other causes, and on which samples that was measured.

    Plain text, not markdown; empty where nothing was measured.
    """
    if finding.lane in _LANES:
        return (_LANES[finding.lane],) if finding.verdict == "supported" else ()
    if finding.gain is None or (finding.at_most and finding.verdict == "refuted"):
        return ()  # a ceiling over what is not there would only mislead
    known = _KINDS.get(_kind(finding)) if finding.verdict == "supported" else None
    said = [_conditional(checklist, finding), _alone(finding), known[1] if known else ""]
    return tuple(sentence for sentence in said if sentence)


def _kind(finding: Finding) -> str:
    return "bound" if finding.at_most else finding.gain_kind


def _conditional(checklist: Checklist, finding: Finding) -> str:
    most = "at most " if finding.at_most else ""
    would = "changes" if finding.verdict == "supported" else "would change"
    text = f"Undoing it {would} accuracy by {most}{points(finding.gain)}"
    if finding.gain_low is not None and finding.gain_high is not None and finding.gain_low != finding.gain_high:
        text += f" (95 % interval {100 * finding.gain_low:+.1f} to {100 * finding.gain_high:+.1f})"
    if finding.accuracy_if_fixed is not None:
        text += f", to {most}{100 * finding.accuracy_if_fixed:.1f} %"
    if not finding.given:
        return f"{text}."
    named = [checklist.get(name) for name in finding.given]
    titles = [f"“{other.title}”" for other in named if other is not None]
    others = " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles) or "the causes above it"
    are = "are" if len(titles) > 1 else "is"
    return f"{text}, once {others} {are} undone."


def _alone(finding: Finding) -> str:
    alone, gain = finding.gain_alone, finding.gain
    if alone is None or gain is None or (not finding.given and abs(alone - gain) < 0.0005):
        return ""
    return f"By itself, with nothing else undone, it would change it by {points(alone)}."


def points(gain: float | None) -> str:
    """'+19.1 points', or '–' where there is no number."""
    return "–" if gain is None else f"{100 * gain:+.1f} points"
