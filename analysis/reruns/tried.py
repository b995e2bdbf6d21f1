"""A variant after its last round: what its answers and the first BatchNorm say for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.reruns.comparison import Comparison
from analysis.reruns.first_norm import FirstNorm
from analysis.reruns.variant import Variant

DIVIDING = frozenset({"normalization", "channels", "geometry"})
PROMISING_Z, NEARLY_Z, DIVIDED_Z = 2.0, 1.0, 3.0
FEWEST_WRONG, MUCH_Z = 2, 4.0
UNLUCKY_Z = 1.5  # how much more may be for a variant than its pictures say
CONTRADICTED = -1.5  # by answers, which on a dozen pictures mean little
LOOKS_RIGHT, BESIDE = 1.1, 0.1  # ln of how many times nearer, and farther than the nearest
ALIVE_Z = 1.5  # of one group
NEAR = 0.003  # distance of the first BatchNorm's input, in variances, that is noise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A variant after its last round.

    Attributes:
        comparison: with its base, on the pictures it was asked about.
        nearer: ln of how many times nearer its pictures lie to the first BatchNorm's statistics than the base's do; 0
            where that says nothing.
        behind: ln of how many times farther than the nearest of all variants of the axis.
        parts: under it one group's pictures look as in training, which they do not as they are, and the other's do not.
    """

    variant: Variant
    comparison: Comparison
    nearer: float = 0.0
    behind: float = 0.0
    parts: bool = False

    @property
    def score(self) -> float:
        """What the answers say, and what the first layer says; the latter never decides against many answers."""
        return self.comparison.score + float(np.clip(self.nearer, -1.5, 1.5)) - 0.5 * min(self.behind, 2.0)

    @property
    def at_best(self) -> float:
        """What may be for it, by picture: much where little is known, so that an unlucky dozen drops nothing."""
        return (self.score + UNLUCKY_Z) / float(np.sqrt(max(1, self.comparison.images)))

    @property
    def is_hopeful(self) -> bool:
        """May it be worth more pictures, for all samples or for those of one group?"""
        return self.at_best > 0 or max(self.comparison.divided) >= ALIVE_Z

    @property
    def promises(self) -> bool:
        """Is it worth asking about every sample?

        Class means gain about twice as much as a trained head does from the same repair. A first layer that sees its
        pictures several times nearer to those of its training is worth a pass, as long as answers do not contradict.
        """
        return self.improves or self.divides

    @property
    def improves(self) -> bool:
        """Does it promise a gain, or look right?"""
        looks_right = self.nearer >= LOOKS_RIGHT and self.behind < BESIDE and self.comparison.score >= CONTRADICTED
        dear = 0.2 * float(np.log2(max(1.0, self.variant.cost)))  # a pass with larger pictures takes longer
        return (self._gains and self.score >= PROMISING_Z + dear) or looks_right

    @property
    def nearly_promises(self) -> bool:
        """Does it gain, but not yet surely?"""
        return self._gains and self.score >= NEARLY_Z

    @property
    def divides(self) -> bool:
        """Does another preprocessing clearly help one of the groups and harm the other?"""
        found = self.comparison.divided
        answers = max(found) >= DIVIDED_Z and self.harms
        return self.variant.axis in DIVIDING and (answers or self.parts)

    @property
    def harms(self) -> bool:
        """Does one of the groups lose by it?"""
        return min(self.comparison.divided) <= -DIVIDED_Z / 2

    @property
    def helped(self) -> tuple[bool, float]:
        """How surely it helps the group that it helps: by the first layer, then by the answers, by picture."""
        return self.parts, max(self.comparison.divided) / float(np.sqrt(max(1, self.comparison.images)))

    @property
    def helps(self) -> bool:
        """Do the answers alone, of many pictures, say that it is better?"""
        return self._gains and self.comparison.score >= PROMISING_Z

    @property
    def _gains(self) -> bool:
        found, worth = self.comparison, self.variant.worth
        return found.gain >= worth or (found.gain_apart or 0.0) >= 2 * worth

    @property
    def deserves_more(self) -> bool:
        """Is it worth a run-off? What promises a gain; what had no wrong answers to put right, but much for it."""
        found = self.comparison
        no_room = (1 - found.accuracy_base) * found.images < FEWEST_WRONG
        return self.is_due or (no_room and found.gain >= 0 and self.score >= MUCH_Z)

    @property
    def is_due(self) -> bool:
        """Is every sample to be asked about?"""
        return self.promises or self.variant.sure


def tried_of(
    variant: Variant, comparison: Comparison, was: FirstNorm, now: FirstNorm, seen: Sequence[FirstNorm]
) -> Tried:
    """A comparison with what the first BatchNorm says of the pictures.

    Args:
        variant: what was asked.
        comparison: with its base.
        was: what the layer sees of the base's pictures.
        now: what it sees of the variant's.
        seen: of all variants so far, both included.
    """
    return Tried(
        variant=variant,
        comparison=comparison,
        nearer=_nearer(now.mean, was.mean),
        behind=_nearer(min(one.mean for one in seen), now.mean),
        parts=_parts(was, now, [one.groups for one in seen if one.groups is not None]),
    )


def _nearer(now: float, was: float) -> float:
    """Ln of how many times nearer; what is noise counts as none."""
    return float(np.log(max(was, NEAR) / max(now, NEAR)))


def _parts(was: FirstNorm, now: FirstNorm, seen: Sequence[tuple[float, float]]) -> bool:
    """Do one group's pictures lie several times nearer than before, and nearest of all seen, the other's farther?"""
    if was.groups is None or now.groups is None:
        return False
    return any(
        _nearer(now.groups[one], was.groups[one]) >= LOOKS_RIGHT
        and _nearer(was.groups[other], now.groups[other]) >= LOOKS_RIGHT
        and _nearer(min(groups[one] for groups in seen), now.groups[one]) < BESIDE
        for one, other in ((0, 1), (1, 0))
    )
