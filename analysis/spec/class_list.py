"""A class list: the names of the classes in index order, in four formats."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import ClassListError
from analysis.spec.text_file import read_text

SHOWN = 5


def read_class_list(path: Path) -> tuple[str, ...]:
    """Read class names in index order.

    Args:
        path: A JSON list, a JSON object {name: index} or {"0": name}, or text with one name a line; UTF-8 with or
            without a byte order mark, any line ends.

    Returns:
        C distinct, non-empty names; the position is the class index.

    Raises:
        ClassListError: If the file cannot be read, is empty, or has empty or repeated names or indices with gaps.
    """
    text = read_text(path, what="class list", error=ClassListError)
    if not text.strip():
        raise ClassListError(f"The class list {path} is empty; expected one class name a line, or a JSON list.")
    content = _json(text, path)
    if content is None:
        names: Sequence[object] = text.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
        names = [str(name).strip() for name in names]
    elif isinstance(content, list):
        names = content
    else:
        names = _by_index(content, path)
    return _checked(names, path)


def _json(text: str, path: Path) -> list[object] | dict[str, object] | None:
    """Return the JSON list or object in the text, or None where it is a list of lines."""
    try:
        content = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, path))
    except (ValueError, RecursionError) as error:
        if path.suffix.lower() == ".json":
            raise ClassListError(f"The class list {path} is not valid JSON: {error}.") from None
        return None
    if isinstance(content, list | dict):
        return content
    if path.suffix.lower() == ".json":
        raise ClassListError(f"The class list {path} holds {_shown([content])}; expected a JSON list or object.")
    return None


def _object(pairs: list[tuple[str, object]], path: Path) -> dict[str, object]:
    repeated = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if repeated:
        raise ClassListError(f"The class list {path} has {len(repeated):,} keys more than once: {_shown(repeated)}.")
    return dict(pairs)


def _by_index(content: dict[str, object], path: Path) -> list[object]:
    """Return the names of {name: index} or {"0": name} in index order."""
    named = {name: index for name, index in content.items() if isinstance(index, int) and not isinstance(index, bool)}
    if len(named) == len(content):
        pairs: list[tuple[int, object]] = [(index, name) for name, index in named.items()]
    elif all(key.isdecimal() and key.isascii() and len(key) < 10 for key in content):
        pairs = [(int(key), name) for key, name in content.items()]
    else:
        wrong = [value for name, value in content.items() if name not in named]
        raise ClassListError(
            f"The class list {path} is a JSON object, but neither {{name: index}} nor {{index: name}}; "
            f"found {_shown(wrong)}."
        )
    _check_indices([index for index, _ in pairs], path)
    return [name for _, name in sorted(pairs, key=lambda pair: pair[0])]


def _check_indices(indices: Sequence[int], path: Path) -> None:
    repeated = [index for index, count in Counter(indices).items() if count > 1]
    if repeated:
        raise ClassListError(
            f"The class list {path} gives {len(repeated):,} indices to more than one name: {_shown(repeated)}."
        )
    present = set(indices)
    gaps = [index for index in range(len(indices)) if index not in present]
    if gaps:
        beyond = [index for index in indices if not 0 <= index < len(indices)]
        raise ClassListError(
            f"The class list {path} has {len(indices):,} names, so indices 0 to {len(indices) - 1:,} were expected; "
            f"missing: {_shown(gaps)}; found instead: {_shown(beyond)}."
        )


def _checked(names: Sequence[object], path: Path) -> tuple[str, ...]:
    if not names:
        raise ClassListError(f"The class list {path} is empty; expected at least one class name.")
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise ClassListError(f"The class list {path} has {len(wrong):,} names that are not text: {_shown(wrong)}.")
    texts = [str(name) for name in names]
    empty = [index for index, name in enumerate(texts) if not name.strip()]
    if empty:
        raise ClassListError(f"The class list {path} has {len(empty):,} empty names, at index {_shown(empty)}.")
    repeated = [name for name, count in Counter(texts).items() if count > 1]
    if repeated:
        raise ClassListError(
            f"The class list {path} has {len(repeated):,} names more than once: {_shown(repeated)}. "
            "Every class needs a name of its own."
        )
    return tuple(texts)


def _shown(values: Sequence[object]) -> str:
    texts = [repr(value)[:80] for value in values[:SHOWN]]
    return ", ".join(texts) + (", …" if len(values) > SHOWN else "")
