"""What is wrong and what is odd, collected: one missing file must not hide the next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from analysis.errors import AnalysisError

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Problems:
    """Sentences for a person.

    Attributes:
        errors: What keeps a run from starting.
        warnings: What a run can live with, but its results may not.
        notices: What is good to know.
    """

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def attempt(self, step: Callable[[], T]) -> T | None:
        """Take a step; return what it gives, or None where it failed, and keep its error."""
        try:
            return step()
        except AnalysisError as error:
            self.errors.append(str(error))
            return None

    def warn(self, warnings: Iterable[str]) -> None:
        """Keep warnings."""
        self.warnings.extend(warnings)

    def note(self, notices: Iterable[str]) -> None:
        """Keep notices."""
        self.notices.extend(notices)
