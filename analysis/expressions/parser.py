"""Text → tree, by recursive descent; every error says where it is and what was expected there."""

from analysis.expressions.error import ExpressionError
from analysis.expressions.expression import Expression
from analysis.expressions.names import quoted_name
from analysis.expressions.tokens import Token, tokens
from analysis.expressions.tree import And, Call, Compare, Contains, Holds, Missing, Name, Not, OneOf, Or, Tree, Value

LONGEST = 8_000
DEEPEST = 50
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def parse(text: str) -> Expression:
    """Read an expression; the grammar stands in the package's docstring.

    Raises:
        ExpressionError: If it cannot be read; with the place, what was expected, and often what to write instead.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"This expression is longer than {LONGEST:,} characters.", text, LONGEST)
    parser = _Parser(text)
    if parser.token.kind == "end":
        raise ExpressionError("This expression is empty. Write a test, such as loss > 2.", text, 0)
    tree = parser.alternatives(0)
    parser.expect_end()
    return Expression(text, tree)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def ahead(self, steps: int) -> Token:
        return self.tokens[min(self.place + steps, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.place += token.kind != "end"
        return token

    def sees(self, kind: str, *values: str) -> bool:
        return self.token.kind == kind and self.token.value in values

    def takes(self, kind: str, *values: str) -> bool:
        """Take the token if it is one of these."""
        found = self.sees(kind, *values)
        self.place += found
        return found

    def error(self, message: str, token: Token | None = None) -> ExpressionError:
        where = token or self.token
        return ExpressionError(message, self.text, where.at, where.length)

    def expected(self, what: str) -> ExpressionError:
        if self.token.kind == "end":
            return self.error(f"The expression ends here, where {what} was expected.")
        return self.error(f"Expected {what}, found {self.written(self.token)}.")

    def written(self, token: Token) -> str:
        return f"“{self.text[token.at : token.at + token.length]}”"

    def alternatives(self, depth: int) -> Tree:
        parts = [self.requirements(depth)]
        while self.takes("keyword", "or"):
            parts.append(self.requirements(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def requirements(self, depth: int) -> Tree:
        parts = [self.negation(depth)]
        while self.takes("keyword", "and"):
            parts.append(self.negation(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise self.error(f"This is nested more than {DEEPEST} deep.")
        if self.takes("keyword", "not"):
            return Not(self.negation(depth + 1))
        if self.takes("mark", "("):
            inside = self.alternatives(depth + 1)
            if not self.takes("mark", ")"):
                raise self.expected("“and”, “or” or “)”")
            return inside
        return self.test()

    def test(self) -> Tree:
        if self.token.kind in ("number", "text") or self.sees("keyword", "true", "false"):
            raise self.value_first()
        if self.token.kind != "name":
            raise self.expected("a column, “not” or “(”")
        if self.ahead(1).kind == "mark" and self.ahead(1).value == "(":
            return self.call()
        return self.test_of(self.name())

    def test_of(self, name: Name) -> Tree:
        if self.token.kind == "operator":
            return self.comparison(name)
        if self.takes("keyword", "in"):
            return self.one_of(name)
        if self.takes("keyword", "contains"):
            return Contains(name, self.text_value("after “contains”"))
        if self.takes("keyword", "is"):
            return self.missing(name)
        if self.sees("keyword", "not") and self.ahead(1).kind == "keyword" and self.ahead(1).value == "in":
            self.place += 2
            return Not(self.one_of(name))
        return Holds(name)

    def name(self) -> Name:
        token = self.take()
        return Name(str(token.value), token.at, token.length)

    def call(self) -> Call:
        function = self.name()
        self.take()
        argument = self.text_value(f"inside {function.name}(…)")
        if not self.takes("mark", ")"):
            raise self.expected("“)”")
        return Call(function, argument)

    def comparison(self, left: Name) -> Compare:
        operator = str(self.take().value)
        right: Name | Value
        if self.token.kind == "name" and self.ahead(1).value != "(":
            right = self.name()
        else:
            right = self.value(f"after “{operator}”")
        if self.token.kind == "operator":
            other = self.ahead(1)
            told = self.text[other.at : other.at + other.length] or "…"
            middle = right if isinstance(right, Name) else left
            raise self.error(
                "Comparisons cannot be chained. Write both: "
                f"{left} {operator} {right} and {middle} {self.token.value} {told}"
            )
        return Compare(left, operator, right)

    def value_first(self) -> ExpressionError:
        """A value where a column has to stand: say how to turn it round."""
        operator, name, second, other = (self.ahead(step) for step in range(1, 5))
        if operator.kind != "operator" or name.kind != "name":
            return self.expected("a column, “not” or “(”")
        value = self.text[self.token.at : self.token.at + self.token.length]
        column = quoted_name(str(name.value))
        turned = f"{column} {_TURNED[str(operator.value)]} {value}"
        if second.kind == "operator":
            end = self.text[other.at : other.at + other.length] or "…"
            said = f"{turned} and {column} {second.value} {end}"
            return self.error(f"Comparisons cannot be chained. Write both: {said}", second)
        return self.error(f"The column comes first. Write {turned}")

    def one_of(self, name: Name) -> OneOf:
        if not self.takes("mark", "("):
            raise self.expected("“(” and a list, such as in (1, 2)")
        values = [self.value("in the list")]
        while self.takes("mark", ","):
            values.append(self.value("in the list"))
        if not self.takes("mark", ")"):
            raise self.expected("“,” or “)”")
        return OneOf(name, tuple(values))

    def missing(self, name: Name) -> Tree:
        negated = self.takes("keyword", "not")
        if not self.takes("keyword", "missing"):
            raise self.expected("“missing” (for a value, write = instead of is)")
        return Not(Missing(name)) if negated else Missing(name)

    def value(self, where: str) -> Value:
        token = self.token
        if token.kind in ("text", "number"):
            self.take()
            return Value(token.value, token.at, token.length)
        if token.kind == "keyword" and token.value in ("true", "false"):
            self.take()
            return Value(token.value == "true", token.at, token.length)
        if token.kind == "name":
            raise self.error(f"Expected a value {where}. Text goes into double quotes: {Value(str(token.value))}")
        raise self.expected(f"a value {where} (text in double quotes, a number, true or false)")

    def text_value(self, where: str) -> Value:
        if self.token.kind not in ("text", "name"):
            raise self.expected(f"text in double quotes {where}")
        return self.value(where)

    def expect_end(self) -> None:
        if self.token.kind == "end":
            return
        if self.sees("mark", ")"):
            raise self.error("This “)” closes nothing.")
        raise self.expected("“and”, “or” or the end")
