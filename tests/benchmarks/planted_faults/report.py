"""The benchmark's figures as a page."""

from collections.abc import Sequence

from tests.benchmarks.planted_faults.scoring import Score

_ROWS = "## Row by row"


def summary(scores: Sequence[Score]) -> list[str]:
    """The figures of the bar, one line each."""
    single = [s for s in scores if s.kind == "single"]
    compound = [s for s in scores if s.kind == "compound"]
    limits = [s for s in scores if s.kind == "limits"]
    decoys = [s for s in scores if s.kind == "decoy"]
    errors = [abs(s.error) for s in scores if s.error is not None]
    return [
        f"single faults: right cause first in {_share([s.first for s in single])}, in the first three in "
        f"{_share([s.in_three for s in single])}",
        f"compounds: all causes in order in {_share([s.first for s in compound])}, named in "
        f"{_share([s.in_three for s in compound])}",
        f"limits (validity and notes): found, and nothing false, in {_share([s.first for s in limits])}",
        f"decoys: silent in {_share([s.first for s in decoys])}",
        f"recovered accuracy: within 2 points in {_share([e <= 0.02 for e in errors])}, "
        f"worst {100 * max(errors, default=0.0):.1f} points",
    ]


def page(scores: Sequence[Score], notes: Sequence[str], before: str = "") -> str:
    """The page in Markdown: figures and rows anew, and what people wrote above them as it was."""
    above = before.partition(_ROWS)[0] or "# How right the checklist is\n\n"
    lines = [f"{above}{_ROWS}", "", _ABOUT, "", *(f"- {line}" for line in summary(scores)), ""]
    lines += [*(f"> {note}" for note in notes), ""] if notes else []
    lines += [
        "| base | planted | right first | supported (gain and bound) | also said | accuracy → said → true | "
        "precision / recall |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    groups: dict[tuple[str, str], list[Score]] = {}
    for score in scores:
        groups.setdefault((score.base, score.plant), []).append(score)
    lines += [_row(base, plant, group) for (base, plant), group in groups.items()]
    return "\n".join(lines) + "\n"


def _row(base: str, plant: str, group: list[Score]) -> str:
    right = f"{sum(s.first for s in group)} of {len(group)}"
    strong = "<br>".join(dict.fromkeys(", ".join(s.supported) or "–" for s in group))
    others = "<br>".join(dict.fromkeys(", ".join(s.others) or "–" for s in group))
    path = "<br>".join(f"{_percent(s.accuracy)} → {_percent(s.said)} → {_percent(s.truth)}" for s in group)
    pointed = "<br>".join(f"{s.precision or 0:.2f} / {s.recall:.2f}" for s in group if s.recall is not None)
    return f"| {base} | {plant} | {right} | {strong} | {others} | {path} | {pointed} |"


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values)} of {len(values)} ({100 * sum(values) / len(values):.0f} %)" if values else "0 of 0"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


_ABOUT = """Every fault of the catalogue planted in healthy models on real pictures; written by
`python -m tests.benchmarks.planted_faults`. *digits*: scikit-learn's handwritten digits, 10 classes, half of them for
validation. *strings*: three of them side by side, 1,000 classes, 5,000 pictures. *photographs*: 1,200 photographs, a
pretrained mobile-size network with a head for 10 classes. Seven of ten classes are old. Accuracy in per cent: as it is,
as predicted with the expected findings undone, as it really is without the fault (– where that is not defined)."""
