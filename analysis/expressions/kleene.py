"""Three-valued truth over N samples: true, false, or neither where a value is missing."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Where a test is true and where it is false, (N,) each and never both; elsewhere it is unknown.

    Source:
        Kleene 1952, Introduction to Metamathematics, §64 (the strong connectives), as in SQL.
    """

    true: BoolArray
    false: BoolArray

    @classmethod
    def of(cls, true: BoolArray, known: BoolArray | None) -> "Truth":
        """A test's outcome where its values are `known` (None: everywhere), unknown elsewhere."""
        if known is None:
            return cls(true, np.logical_not(true))
        return cls(true & known, ~true & known)

    def __and__(self, other: "Truth") -> "Truth":
        return Truth(self.true & other.true, self.false | other.false)

    def __or__(self, other: "Truth") -> "Truth":
        return Truth(self.true | other.true, self.false & other.false)

    def __invert__(self) -> "Truth":
        return Truth(self.false, self.true)
