"""Near duplicates: pictures far more alike than either is to any other picture of the set.

No fixed likeness says "the same picture": two hands write a one more alike than two encodings of a photograph are. So
a pair must stand apart from the next most alike picture, and from what is usual in the set.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import AnyArray, BoolArray, FloatArray, IntArray
from analysis.duplicates.candidates import Hashes, candidate_pairs
from analysis.duplicates.distance import colour_differences, distances, rough_distances
from analysis.duplicates.perceptual_hash import perceptual_hash
from analysis.duplicates.small_picture import SmallPictures

_LISTED = 4  # most alike pictures of each that are compared closely
_FIELD = 4  # pixels a side of the fields that the rough comparison sees
_BLOCK = 8192
_ALWAYS = 0.03  # distance of pictures that differ by rounding alone
_LARGEST = 0.36  # distance beyond which nothing is called a copy
_GAP = 2.0  # the next picture that is no copy is at least this many times as far
_OF_USUAL = 0.5  # of the distance that the nearest other picture usually has
_COLOUR = 12.0  # mean difference of the colours, 0..255


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """P pairs: `query` and `key` (P,) are numbers of pictures, `similarity` (P,) their correlation, −1..1."""

    query: IntArray
    key: IntArray
    similarity: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """What came of comparing a set: the pairs that are copies, and how far (n,) each picture is from the nearest other.

    `apart` is 1 where no other picture was near enough to be looked at.
    """

    copies: Pairs
    apart: FloatArray


def near_duplicates(pictures: SmallPictures, also: tuple[IntArray, IntArray] | None = None) -> Compared:
    """Copies within one set of N pictures.

    Args:
        pictures: the set; nearly blank ones are nobody's copy.
        also: numbers of pictures (P,), (P,) that are to be compared as well, such as neighbours by their embeddings.
    """
    rows = np.flatnonzero(pictures.shows_something)
    shown = pictures.at(rows)
    hashes = perceptual_hash(shown.gray)
    first, second = candidate_pairs(hashes, hashes, same=True)
    if also is not None:
        first, second = _with(first, second, *_within(rows, len(pictures), *also), len(rows))
    rough = _rough(shown, shown, first, second)
    kept = _closest(first, second, rough) | _closest(second, first, rough)
    first, second = first[kept], second[kept]
    distance = distances(shown, shown, first, second)
    usual = _usual(np.r_[first, second], np.r_[distance, distance], len(rows))
    stands = _stand_apart(np.r_[first, second], np.r_[distance, distance], usual, np.ones(len(rows)))
    same = stands[: len(first)] & stands[len(first) :]
    same[same] = colour_differences(shown, shown, first[same], second[same]) <= _COLOUR
    apart = np.ones(len(pictures))
    for side in (first, second):
        np.minimum.at(apart, rows[side[~same]], distance[~same])
    copies = Pairs(query=rows[first[same]], key=rows[second[same]], similarity=1 - distance[same] ** 2)
    return Compared(copies=copies, apart=apart)


def near_copies(queries: SmallPictures, keys: Iterable[SmallPictures], apart: FloatArray) -> Pairs:
    """Pictures of one set that are copies of pictures of another, which comes part by part and is not held as a whole.

    Args:
        queries: n pictures.
        keys: m pictures in several parts; the numbers of the pairs run through all of them.
        apart: (n,) distance of each query to the nearest other of its own set, as in `Compared`.
    """
    rows = np.flatnonzero(queries.shows_something)
    asked = queries.at(rows)
    hashes = perceptual_hash(asked.gray)
    parts, start = [_Near.none()], 0
    for part in keys:
        parts.append(_nearest_of(asked, hashes, part, start))
        start += len(part)
    found = _Near.joined(parts)
    found = found.at(_closest(found.query, found.key, found.distance))
    usual = _usual(found.query, np.minimum(found.distance, apart[rows[found.query]]), len(rows))
    stands = _stand_apart(found.query, found.distance, usual, apart[rows])
    same = found.at(stands & (found.colour <= _COLOUR))
    return Pairs(query=rows[same.query], key=same.key, similarity=1 - same.distance**2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Near:
    """Compared pairs, (P,) each: numbers, distance, difference of the colours."""

    query: IntArray
    key: IntArray
    distance: FloatArray
    colour: FloatArray

    @classmethod
    def none(cls) -> "_Near":
        no, zero = np.zeros(0, dtype=np.int64), np.zeros(0)
        return cls(query=no, key=no, distance=zero, colour=zero)

    @classmethod
    def joined(cls, parts: "list[_Near]") -> "_Near":
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__})

    def at(self, chosen: BoolArray) -> "_Near":
        return _Near(**{name: getattr(self, name)[chosen] for name in self.__slots__})


def _nearest_of(asked: SmallPictures, hashes: Hashes, part: SmallPictures, start: int) -> _Near:
    """The most alike pictures of one part for each query; `start` is the number of the part's first picture."""
    places = np.flatnonzero(part.shows_something)
    shown = part.at(places)
    query, key = candidate_pairs(hashes, perceptual_hash(shown.gray), same=False)
    kept = _closest(query, key, _rough(asked, shown, query, key))
    query, key = query[kept], key[kept]
    return _Near(
        query=query,
        key=start + places[key],
        distance=distances(asked, shown, query, key),
        colour=colour_differences(asked, shown, query, key),
    )


def _rough(a: SmallPictures, b: SmallPictures, first: IntArray, second: IntArray) -> FloatArray:
    few, more = _mosaic(a.gray), _mosaic(b.gray)
    found = np.empty(len(first), dtype=np.float32)
    for start in range(0, len(first), _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = rough_distances(few[first[part]], more[second[part]])
    return found


def _mosaic(gray: AnyArray) -> AnyArray:
    """(n, 8, 8) uint8 means of fields, in blocks so that memory stays small."""
    n, cells = len(gray), gray.shape[1] // _FIELD
    found = np.empty((n, cells, cells), dtype=np.uint8)
    for start in range(0, n, _BLOCK):
        block = gray[start : start + _BLOCK].astype(np.uint16)
        rows = np.add.reduce([block[:, i::_FIELD] for i in range(_FIELD)])
        fields = np.add.reduce([rows[:, :, i::_FIELD] for i in range(_FIELD)])
        found[start : start + len(block)] = fields // _FIELD**2
    return found


def _within(rows: IntArray, n: int, first: IntArray, second: IntArray) -> tuple[IntArray, IntArray]:
    """Numbers among `rows`, of the pairs whose pictures both are among them."""
    place = np.full(n, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    a, b = place[first], place[second]
    there = (a >= 0) & (b >= 0) & (a != b)
    return np.maximum(a[there], b[there]), np.minimum(a[there], b[there])


def _with(first: IntArray, second: IntArray, a: IntArray, b: IntArray, n: int) -> tuple[IntArray, IntArray]:
    codes = np.unique(np.concatenate([first * n + second, a * n + b]))
    more, less = np.divmod(codes, max(1, n))
    return more, less


def _closest(query: IntArray, key: IntArray, distance: FloatArray) -> BoolArray:
    """(P,) True for the four nearest keys of each query."""
    order = np.lexsort((key, distance, query))  # a pair comes once, so each side is listed on its own
    kept = np.zeros(len(query), dtype=np.bool_)
    kept[order] = _place_in_group(query[order]) < _LISTED
    return kept


def _place_in_group(sorted_group: IntArray) -> IntArray:
    if not len(sorted_group):
        return np.zeros(0, dtype=np.int64)
    start = np.flatnonzero(np.r_[True, sorted_group[1:] != sorted_group[:-1]])
    return np.arange(len(sorted_group)) - np.repeat(start, np.diff(np.r_[start, len(sorted_group)]))


def _usual(query: IntArray, distance: FloatArray, n: int) -> float:
    """Upper quartile over the pictures of the distance to the nearest other: up to three quarters may have copies."""
    nearest = np.ones(n)
    np.minimum.at(nearest, query, distance)
    return float(np.quantile(nearest, 0.75)) if n else 1.0


def _stand_apart(query: IntArray, distance: FloatArray, usual: float, others: FloatArray) -> BoolArray:
    """(P,) True for the keys of a query that lie before a gap in the sorted distances.

    Args:
        query: (P,) number of the query.
        distance: (P,).
        usual: what the nearest other picture usually has.
        others: (n,) distance of each query to a picture that is certainly another one.
    """
    if not len(query):
        return np.zeros(0, dtype=np.bool_)
    order = np.lexsort((distance, query))
    group, sorted_ = query[order], distance[order]
    is_last = np.r_[group[1:] != group[:-1], True]
    is_full = np.bincount(query)[group] >= _LISTED  # then more of the same may follow
    following = np.where(is_last, np.where(is_full, sorted_, 1.0), np.r_[sorted_[1:], 1.0])
    following = np.minimum(following, others[group])
    near = sorted_ <= min(_LARGEST, _OF_USUAL * usual)
    before_gap = near & (following >= _GAP * sorted_)
    last_gap = np.full(int(query.max()) + 1, -1.0)
    np.maximum.at(last_gap, group[before_gap], sorted_[before_gap])
    stands = np.zeros(len(query), dtype=np.bool_)
    stands[order] = (sorted_ <= last_gap[group]) | (sorted_ <= _ALWAYS)
    return stands
