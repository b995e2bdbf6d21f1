"""A parsed expression, and which samples it lets through."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from analysis.arrays import BoolArray
from analysis.expressions.columns import Values
from analysis.expressions.evaluation import Evaluation, evaluate
from analysis.expressions.tree import Tree, column_names


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as it was written, and its tree; `str` gives it in its plainest form."""

    text: str
    tree: Tree

    def __str__(self) -> str:
        return str(self.tree)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns it speaks of, each once, in the order of the text."""
        return tuple(dict.fromkeys(name.name for name in column_names(self.tree)))

    def mask(
        self,
        columns: Callable[[str], Values],
        n: int,
        *,
        names: Collection[str] = (),
        functions: Mapping[str, Callable[[str], Values]] | None = None,
    ) -> BoolArray:
        """(n,) True where the expression is true; unknown (a value is missing) does not pass.

        Args:
            columns: Gives the n values of a column; raises KeyError for a name that is none.
            n: Number of samples.
            names: All columns, to suggest one where a name is wrong.
            functions: What may be called, such as `flagged`: gives the n values of yes and no for an argument.

        Raises:
            ExpressionError: At a column or function that does not exist, or a comparison that makes no sense.
        """
        return self.evaluate(columns, n, names=names, functions=functions).mask

    def evaluate(
        self,
        columns: Callable[[str], Values],
        n: int,
        *,
        names: Collection[str] = (),
        functions: Mapping[str, Callable[[str], Values]] | None = None,
    ) -> Evaluation:
        """The mask, see there, and remarks on values that no sample has."""
        return evaluate(self.tree, self.text, columns, n, names=names, functions=functions or {})
