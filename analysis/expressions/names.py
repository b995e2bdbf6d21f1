"""How expressions write the names of columns."""

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "missing", "contains", "true", "false"})


def quoted_name(name: str) -> str:
    """A column's name as expressions write it: in backticks where it is no plain word, or is one of the grammar's."""
    if name.isidentifier() and name.casefold() not in KEYWORDS:
        return name
    return f"`{name.replace('`', '``')}`"
