"""What is kept of a picture to find its copies: a small gray version, a few colours, and a hash of its file."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.datasets.eight_bit import eight_bit

SIDE = 32  # pixels of the gray version
CELLS = 4  # fields a side whose mean colour is kept
_BLOCK = 2048  # pictures looked at together: numpy makes eight bytes of each of their pixels
_BLANK = 4.0  # standard deviation of the gray values (0..255) below which a picture shows nothing to compare


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmallPictures:
    """n pictures, each squeezed into a square whatever its shape.

    Attributes:
        gray: (n, 32, 32) uint8.
        colour: (n, 4, 4, 3) uint8, mean RGB of sixteen fields.
        content_hash: (n,) int64 of the file's bytes; meaningless where it was not asked for.
        is_readable: (n,) False where there was no picture to decode.
        is_hashed: (n,) True where `content_hash` was computed.
    """

    gray: AnyArray
    colour: AnyArray
    content_hash: IntArray
    is_readable: BoolArray
    is_hashed: BoolArray

    def __len__(self) -> int:
        return len(self.gray)

    @property
    def shows_something(self) -> BoolArray:
        """(n,) True where the picture is neither missing nor nearly of one colour."""
        deviation = [self.gray[start : start + _BLOCK].std(axis=(1, 2)) for start in range(0, len(self), _BLOCK)]
        return np.asarray(self.is_readable & (np.concatenate([np.zeros(0), *deviation]) >= _BLANK))

    def at(self, rows: IntArray | BoolArray | slice) -> "SmallPictures":
        """The same for some of the n pictures."""
        return SmallPictures(**{name: values[rows] for name, values in self.arrays().items()})

    def arrays(self) -> dict[str, AnyArray]:
        """The arrays by name, ready to be stored."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def joined(cls, parts: "list[SmallPictures]") -> "SmallPictures":
        """Several one after the other."""
        named = [part.arrays() for part in parts]
        return cls(**{name: np.concatenate([part[name] for part in named]) for name in cls.__slots__})

    def bare(self) -> "SmallPictures":
        """Without the pictures: readability and hashes of files only."""
        return SmallPictures(**{**self.arrays(), "gray": self.gray[:, :0, :0], "colour": self.colour[:, :0, :0]})

    @classmethod
    def missing(cls, n: int) -> "SmallPictures":
        """N pictures that could not be read."""
        return cls(
            gray=np.zeros((n, SIDE, SIDE), dtype=np.uint8),
            colour=np.zeros((n, CELLS, CELLS, 3), dtype=np.uint8),
            content_hash=np.zeros(n, dtype=np.int64),
            is_readable=np.zeros(n, dtype=np.bool_),
            is_hashed=np.zeros(n, dtype=np.bool_),
        )


def shrink(data: bytes) -> tuple[AnyArray, AnyArray] | None:
    """Gray (32, 32) and colour (4, 4, 3) of one picture, uint8; None where `data` is no picture that can be read.

    A JPEG is decoded at the smallest of its sizes that is at least 64 pixels a side.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd EXIF, odd palettes, large pictures: nothing of it matters here
            picture = Image.open(io.BytesIO(data))
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            colours = eight_bit(picture, gray=False)
            gray = colours.convert("L").resize((SIDE, SIDE), _filter(colours))
            fields = colours.resize((CELLS, CELLS), Image.Resampling.BOX)
    except Exception:  # a broken file makes Pillow's decoders raise nearly anything
        return None
    return np.asarray(gray), np.asarray(fields)


def _filter(picture: Image.Image) -> Image.Resampling:
    """Mean over the area when made smaller; a picture smaller than that is enlarged smoothly."""
    return Image.Resampling.BOX if min(picture.size) >= 2 * SIDE else Image.Resampling.BILINEAR
