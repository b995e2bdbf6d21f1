"""What a person may have meant."""

from collections.abc import Collection
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc

_COMPARED = 5_000  # words that are compared letter by letter
_CLOSE = 0.6
_SHOWN = 3


def nearest_name(name: str, names: Collection[str]) -> str | None:
    """The most similar of some names, capitals or not; None where nothing is alike."""
    folded = {known.casefold(): known for known in names}
    found = get_close_matches(name.casefold(), folded, n=1, cutoff=_CLOSE)
    return folded[found[0]] if found else None


def nearest_words(text: str, words: pa.StringArray) -> list[str]:
    """At most three of a column's words that are alike: first the same in other letters, then those that hold it."""
    if not text.strip():
        return []
    holding = words.filter(pc.match_substring(words, text.strip(), ignore_case=True)).slice(0, 100).to_pylist()
    holding.sort(key=lambda word: (len(word), word))
    alike = get_close_matches(text, words.slice(0, _COMPARED).to_pylist(), n=_SHOWN, cutoff=_CLOSE)
    same = [word for word in holding if word.casefold() == text.strip().casefold()]
    return list(dict.fromkeys([*same, *alike, *holding]))[:_SHOWN]
