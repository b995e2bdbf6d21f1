"""Other readings of some files: their orientation tag, and pixel formats that loaders convert differently."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from analysis.arrays import BoolArray
from analysis.reruns.conversions import Conversion
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant
from analysis.reruns.variant_making import made

FEWEST = 20
_ALPHA = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})
_DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_READINGS: tuple[tuple[Conversion, str, Callable[[str], bool]], ...] = (
    ("alpha on white", "transparent pictures on white", lambda mode: mode in _ALPHA),
    ("alpha on black", "transparent pictures on black", lambda mode: mode in _ALPHA),
    ("deep stretched", "16-bit pictures from their darkest to their brightest", lambda mode: mode in _DEEP),
    ("deep clipped", "16-bit pictures cut off at 255", lambda mode: mode in _DEEP),
    ("inks inverted", "CMYK pictures with inks inverted", lambda mode: mode == "CMYK"),
)


def exif(subject: Subject, base: Variant) -> list[Variant]:
    """The orientation tag applied, or not applied where it was."""
    if subject.orientation is None:
        return []
    tagged = np.flatnonzero(subject.orientation > 1)
    if len(tagged) < FEWEST:
        return []
    now = base.preprocessing
    words = "orientation tags ignored" if now.exif else "orientation tags applied"
    worth = 0.05  # among the tagged: as they are few, that is little among all
    return [made(subject, base, "exif", words, replace(now, exif=not now.exif), rows=tagged, worth=worth)]


def decodings(subject: Subject, base: Variant) -> list[Variant]:
    """Other conversions to 8-bit colour for the files whose pixel format has several."""
    found = []
    for conversion, words, concerns in _READINGS:
        rows = np.flatnonzero(_of_mode(subject, concerns))
        if len(rows) >= FEWEST and base.conversion == "usual":
            found.append(
                made(subject, base, "decoding", words, conversion=conversion, rows=rows.astype(np.int64), worth=0.05)
            )
    return found


def _of_mode(subject: Subject, concerns: Callable[[str], bool]) -> BoolArray:
    kinds, place = np.unique(subject.mode, return_inverse=True)
    return np.array([concerns(str(kind)) for kind in kinds], dtype=np.bool_)[place]
