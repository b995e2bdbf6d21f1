"""What a plant is: how a healthy case is spoiled, and what the checklist must say of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.planted_faults.case import Case

ALL = ("digits", "strings", "photographs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One row of the benchmark.

    Attributes:
        name: short, unique.
        make: spoils the case in place.
        expect: ids that must be found. A single fault's must stand first; those of a compound all stand first, the one
            that gives back more by itself before the other; one that recovers nothing (limits) must be supported.
        instead: ids that are as right as the first of `expect`, because the fault is the same seen from elsewhere; they
            may stand beside those of a compound, or for one of them that is not told by its own name.
        kind: single | compound | limits (validity and notes: supported, nothing false in gain or bound) | decoy.
        bases: on which it makes sense.
        gain: the recovered accuracy is compared with the truth.
    """

    name: str
    make: Callable[[Case], None]
    expect: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    kind: str = "single"
    bases: tuple[str, ...] = ALL
    gain: bool = True
