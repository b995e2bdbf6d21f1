"""What is wrong with an expression, and where."""

from analysis.errors import AnalysisError

_SHOWN = 72  # characters of a long expression around the place


class ExpressionError(AnalysisError):
    """An expression that cannot be read, or does not fit the columns.

    Attributes:
        message: What was found, what was expected, and perhaps what was meant.
        text: The expression.
        at: Number of the first character it is about; `len(text)` for the end.
        length: How many characters it is about, at least 1.
    """

    def __init__(self, message: str, text: str, at: int, length: int = 1) -> None:
        super().__init__(message, text, at, length)  # args mirror the signature: it survives the way from a worker
        self.message, self.text, self.at, self.length = message, text, at, max(1, length)

    def __str__(self) -> str:
        return f"{self.message}\n{self.pointer()}"

    def pointer(self) -> str:
        """Two lines: the expression, or the part around the place, and carets below what this is about."""
        start = max(0, min(self.at - _SHOWN // 2, len(self.text) + 1 - _SHOWN))
        shown = "".join(letter if letter.isprintable() else " " for letter in self.text[start : start + _SHOWN])
        before, after = "…" * (start > 0), "…" * (start + _SHOWN < len(self.text))
        carets = "^" * max(1, min(self.length, _SHOWN - (self.at - start)))
        return f"{before}{shown}{after}\n{' ' * (self.at - start + len(before))}{carets}"
