"""An axis: one thing that can be prepared otherwise, and the ways worth trying."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of variants.

    Attributes:
        name: as in `Variant.axis`.
        share: of the search budget; shares of all axes are scaled to 1, what one leaves over the next ones may use.
        propose: variants of a base (the run itself, or what was confirmed before), most likely first.
        follows: True where a confirmed variant becomes the base of the axes after it.
        refine: what lies around the best variant, on the same base; None = nothing.
        rivals: axes whose first confirmed variant this one is held against, on the run as it was: a repair that
            undoes most of another fault. Searched then, and only then.
    """

    name: str
    share: float
    propose: Callable[[Subject, Variant], Sequence[Variant]]
    follows: bool = True
    refine: Callable[[Subject, Variant, Variant], Sequence[Variant]] | None = None  # subject, base, best
    rivals: frozenset[str] = frozenset()
