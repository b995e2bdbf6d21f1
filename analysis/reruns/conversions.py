"""From a file's pixel format to 8-bit colour in other ways than our decoder's, as other loaders do it."""

import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from analysis.datasets.images import decode
from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import ImageError

Conversion = Literal[
    "usual", "gray", "inverted", "alpha on white", "alpha on black", "deep clipped", "deep stretched", "inks inverted"
]
Pixels = npt.NDArray[np.uint8]


def pixels_of(path: str, preprocessing: Preprocessing, conversion: Conversion) -> Pixels:
    """Decode one picture for the network, (height, width, channels) uint8.

    Args:
        path: The file.
        preprocessing: Size, interpolation, channels, EXIF.
        conversion: How its pixel format becomes 8-bit colour.

    Raises:
        ImageError: The file cannot be decoded, or not in this way.
    """
    if conversion == "usual":
        return decode(path, preprocessing, thumbnail=False).pixels
    return decode(_rewritten(path, conversion), preprocessing, thumbnail=False).pixels


def _rewritten(path: str, conversion: Conversion) -> bytes:
    """The picture in a plain pixel format, as the bytes of a file that keeps its orientation tag."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path) as picture:
                picture.load()
                exif = picture.info.get("exif")
                plain = CONVERSIONS[conversion](picture)
        except (OSError, ValueError, SyntaxError) as error:
            raise ImageError(f"{Path(path).name}: {conversion} is not possible: {error}") from error
        buffer = io.BytesIO()
        plain.save(buffer, "PNG", compress_level=0, **({"exif": exif} if exif else {}))
    return buffer.getvalue()


def _gray(picture: Image.Image) -> Image.Image:
    return picture.convert("L").convert("RGB")


def _inverted(picture: Image.Image) -> Image.Image:
    return ImageChops.invert(picture.convert("L" if picture.mode == "L" else "RGB"))


def _alpha_on(colour: tuple[int, int, int]) -> Callable[[Image.Image], Image.Image]:
    def compose(picture: Image.Image) -> Image.Image:
        layer = picture.convert("RGBA")
        below = Image.new("RGBA", layer.size, (*colour, 255))
        return Image.alpha_composite(below, layer).convert("RGB")

    return compose


def _deep_clipped(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture).astype(np.float64)
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _deep_stretched(picture: Image.Image) -> Image.Image:
    """The picture's own darkest and brightest become 0 and 255."""
    values = np.asarray(picture).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(np.rint((values - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8))


def _inks_inverted(picture: Image.Image) -> Image.Image:
    return ImageChops.invert(picture.convert("CMYK")).convert("RGB")


CONVERSIONS: Mapping[Conversion, Callable[[Image.Image], Image.Image]] = MappingProxyType(
    {
        "gray": _gray,
        "inverted": _inverted,
        "alpha on white": _alpha_on((255, 255, 255)),
        "alpha on black": _alpha_on((0, 0, 0)),
        "deep clipped": _deep_clipped,
        "deep stretched": _deep_stretched,
        "inks inverted": _inks_inverted,
    }
)
