"""An expression's text as tokens."""

import json
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from analysis.expressions.error import ExpressionError
from analysis.expressions.names import KEYWORDS

Kind: TypeAlias = Literal["name", "keyword", "text", "number", "operator", "mark", "end"]

OPERATORS = ("!=", "<=", ">=", "=", "<", ">")
_MEANT = {
    "==": "=", "<>": "!=", "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "≠": "!=", "≤": "<=", "≥": ">=",
    "=<": "<=", "=>": ">=", "~": "contains",
}  # fmt: skip
_BLANK = re.compile(r"\s+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_QUOTED_NAME = re.compile(r"`(?:[^`]|``)*`")
_WHOLE = 2**63


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: Of token.
        value: The name, the keyword in small letters, the text or number it means, the operator or mark.
        at: Where it starts. length: Characters of the expression it takes.
    """

    kind: Kind
    value: str | int | float
    at: int
    length: int


def tokens(text: str) -> list[Token]:
    """All tokens, a last one of kind `end` included.

    Raises:
        ExpressionError: At a character that starts no token.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank:
            at = blank.end()
            continue
        token = _token(text, at)
        found.append(token)
        at += token.length
    return [*found, Token("end", "", len(text), 1)]


def _token(text: str, at: int) -> Token:
    first = text[at]
    if first == '"':
        return _quoted_text(text, at)
    if first == "`":
        return _quoted_name(text, at)
    if first.isidentifier():
        return _word(text, at)
    if number := _NUMBER.match(text, at):
        return _number(text, number)
    if first in "(),":
        return Token("mark", first, at, 1)
    for meant, instead in _MEANT.items():
        if text.startswith(meant, at) and (len(meant) == 2 or text[at : at + 2] not in OPERATORS):
            raise ExpressionError(f"“{meant}” is not known here. Write {instead} instead.", text, at, len(meant))
    for operator in OPERATORS:
        if text.startswith(operator, at):
            return Token("operator", operator, at, len(operator))
    if first in "'‘’“”„«»":
        raise ExpressionError('Text goes into straight double quotes, such as "cat".', text, at)
    raise ExpressionError(f"“{first}” has no meaning here. Text goes into double quotes.", text, at)


def _word(text: str, at: int) -> Token:
    end = at + 1
    while end < len(text) and f"a{text[end]}".isidentifier():
        end += 1
    word = text[at:end]
    keyword = word.casefold()
    return Token("keyword", keyword, at, end - at) if keyword in KEYWORDS else Token("name", word, at, end - at)


def _quoted_text(text: str, at: int) -> Token:
    found = _TEXT.match(text, at)
    if not found:
        raise ExpressionError("This text has no closing double quote.", text, at, len(text) - at)
    try:
        value = json.loads(found[0], strict=False)
        value.encode("utf-8")
    except ValueError as error:
        raise ExpressionError(
            'This text cannot be read: a backslash is written \\\\, a double quote \\".', text, at, len(found[0])
        ) from error
    return Token("text", value, at, len(found[0]))


def _quoted_name(text: str, at: int) -> Token:
    found = _QUOTED_NAME.match(text, at)
    if not found:
        raise ExpressionError("This column name has no closing backtick.", text, at, len(text) - at)
    return Token("name", found[0][1:-1].replace("``", "`"), at, len(found[0]))


def _number(text: str, found: re.Match[str]) -> Token:
    at, written = found.start(), found[0]
    after = text[found.end() : found.end() + 1]
    if after and f"a{after}".isidentifier():
        word = _word(f"_{text[found.end() :]}", 0).length - 1
        raise ExpressionError(
            f"“{written}{text[found.end() : found.end() + word]}” is neither a number nor a name. "
            "Text goes into double quotes, an odd column name into backticks.",
            text, at, len(written) + word,
        )  # fmt: skip
    number = float(written)
    if number in (float("inf"), float("-inf")):
        raise ExpressionError("This number is too large.", text, at, len(written))
    whole = found[2] is None and found[3] is None and "." not in written and abs(number) < _WHOLE
    return Token("number", int(written) if whole else number, at, len(written))
