"""What is read, and what a person is told about what is not."""

import pickle

import pytest

from analysis.expressions.error import ExpressionError
from analysis.expressions.parser import DEEPEST, LONGEST, parse


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('label = "cat" AND loss>2', 'label = "cat" and loss > 2'),
        ("a or b and not c", "a or b and not c"),
        ("(a or b) and ((c))", "(a or b) and c"),
        ("iso not in (100, -2.50, 1e3)", "not iso in (100, -2.5, 1000.0)"),
        ("`my column` is not missing", "not `my column` is missing"),
        ("`plain` = true", "plain = true"),
        ('name contains "a\\"b"', 'name contains "a\\"b"'),
        ('flagged( "label_errors" )', 'flagged("label_errors")'),
        ("label = prediction", "label = prediction"),
        ("x = `true`", "x = `true`"),
        ("größe\n>=\t.5", "größe >= 0.5"),
    ],
)
def test_what_is_read(text: str, plain: str) -> None:
    assert str(parse(text)) == plain


def test_columns_stand_once_in_order() -> None:
    assert parse('b = 1 or a = b and flagged("x") or c is missing').columns == ("b", "a", "c")


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "empty"),
        ("loss >", 6, "a value after “>”"),
        ("loss > 2 and", 12, "a column, “not” or “(”"),
        ("(loss > 2", 9, "“)”"),
        ("loss > 2)", 8, "closes nothing"),
        ("loss 2", 5, "“and”, “or” or the end"),
        ('label == "x"', 6, "Write = instead"),
        ("a && b", 2, "Write and instead"),
        ("label = 'x'", 8, "straight double quotes"),
        ('label = "x', 8, "no closing double quote"),
        ("`label = 2", 0, "no closing backtick"),
        ('label = "\\q"', 8, "a backslash is written"),
        ('label = "\\ud800"', 8, "cannot be read"),
        ("1 < loss < 2", 9, "loss > 1 and loss < 2"),
        ("a < b < 2", 6, "a < b and b < 2"),
        ("2 < loss", 0, "Write loss > 2"),
        ("label in cat", 9, "a list"),
        ("label in (cat)", 10, 'double quotes: "cat"'),
        ('label is "cat"', 9, "“missing”"),
        ("12abc = 3", 0, "neither a number nor a name"),
        ("loss > 1e999", 7, "too large"),
        ("loss > 2; drop table samples", 8, "“;” has no meaning"),
        ("loss > 2 -- or true", 9, "“-” has no meaning"),
        ("f(x)", 2, 'double quotes: "x"'),
    ],
)
def test_errors_say_where_and_what(text: str, at: int, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.at == at
    assert said in caught.value.message


def test_the_place_is_pointed_at() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse('camera = "b" and loss >> 2')
    assert caught.value.pointer().splitlines() == ['camera = "b" and loss >> 2', " " * 23 + "^"]


def test_a_long_expression_shows_the_part_around_the_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("loss > 2 or " * 50 + "loss > > 2" + " or loss > 2" * 50)
    shown, carets = caught.value.pointer().splitlines()
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert shown[carets.index("^")] == ">"
    assert len(shown) < 80


@pytest.mark.parametrize("text", ["(" * 5000 + "a" + ")" * 5000, "not " * (DEEPEST + 2) + "a", "a" * (LONGEST + 1)])
def test_no_text_is_too_much(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_an_error_survives_the_way_from_a_worker() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("loss >")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.message, again.at, str(again)) == (caught.value.message, caught.value.at, str(caught.value))
