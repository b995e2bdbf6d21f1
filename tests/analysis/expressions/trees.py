"""Random expressions over a small table, and an evaluator that goes row by row and shares nothing with the real one."""

import math
import re
from typing import Any

from hypothesis import strategies as st

from analysis.expressions.tree import And, Call, Compare, Contains, Holds, Missing, Name, Not, OneOf, Or, Tree, Value

NUMBERS, TEXTS, TRUTHS = ("loss", "iso speed"), ("camera", "and"), ("correct", "`odd`")
ROWS: list[dict[str, Any]] = [
    {"loss": loss, "iso speed": iso, "camera": camera, "and": other, "correct": right, "`odd`": odd, "flag": flag}
    for loss, iso, camera, other, right, odd, flag in [
        (0.5, 100, "a", "b", True, None, True),
        (2.0, None, "b", "b", False, True, False),
        (math.nan, 400, None, "a", True, False, True),
        (math.inf, -3, "", None, False, None, False),
        (-1.25, 100, "B", 'say "x"\\', True, True, False),
        (1e-7, 7, "ü\n", "ü\n", False, False, True),
    ]
]

_texts = st.one_of(st.sampled_from(["a", "b", "", "ü\n", 'say "x"\\', "missing"]), st.text(max_size=4))
_numbers = st.one_of(st.integers(-500, 500), st.floats(allow_nan=False, allow_infinity=False), st.just(2.0))


def _name(names: tuple[str, ...]) -> st.SearchStrategy[Name]:
    return st.sampled_from(names).map(Name)


def _value(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Value]:
    return values.map(Value)


def _of_kind(names: tuple[str, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    operators = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(Compare, _name(names), operators, st.one_of(_value(values), _name(names))),
        st.builds(OneOf, _name(names), st.lists(_value(values), min_size=1, max_size=3).map(tuple)),
    )


TESTS: st.SearchStrategy[Tree] = st.one_of(
    _of_kind(NUMBERS, _numbers),
    _of_kind(TEXTS, _texts),
    st.builds(Compare, _name(TRUTHS), st.sampled_from(["=", "!="]), _value(st.booleans())),
    st.builds(Contains, _name(TEXTS), _value(_texts)),
    st.builds(Missing, _name((*NUMBERS, *TEXTS, *TRUTHS))),
    st.builds(Holds, _name(TRUTHS)),
    st.just(Call(Name("flagged"), Value("label_errors"))),
)


def _combined(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    parts = st.lists(trees, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, trees), st.builds(And, parts), st.builds(Or, parts))


TREES = st.recursive(TESTS, _combined, max_leaves=8)


def truth(tree: Tree, row: dict[str, Any]) -> bool | None:
    """True, False, or None where it is unknown, by the words of the package's docstring."""
    match tree:
        case Not(part):
            inner = truth(part, row)
            return None if inner is None else not inner
        case And(parts):
            return _all([truth(part, row) for part in parts])
        case Or(parts):
            opposite = _all([None if (one := truth(part, row)) is None else not one for part in parts])
            return None if opposite is None else not opposite
    return _test(tree, row)


def _test(tree: Tree, row: dict[str, Any]) -> bool | None:
    match tree:
        case Call():
            return row["flag"]
        case Missing(name):
            return _is_missing(row[name.name])
        case Compare(left, operator, right):
            other = row[right.name] if isinstance(right, Name) else right.value
            missing = _is_missing(row[left.name]) or (isinstance(right, Name) and _is_missing(other))
            return None if missing else _holds(row[left.name], operator, other)
    value = row[tree.name.name]
    if _is_missing(value):
        return None
    if isinstance(tree, Contains):
        return re.search(re.escape(str(tree.part.value)), value, re.IGNORECASE) is not None
    return value if isinstance(tree, Holds) else any(value == one.value for one in tree.values)


def _holds(a: Any, operator: str, b: Any) -> bool:
    return {"=": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]


def _all(truths: list[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _is_missing(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or value == ""
