"""From any Pillow mode to 8-bit gray or colour, without clipping deep pictures to white."""

from types import MappingProxyType

import numpy as np
from PIL import Image

from analysis.arrays import AnyArray, FloatArray

FULL_SCALE = MappingProxyType({"I;16": 65535.0, "I;16B": 65535.0, "I;16L": 65535.0, "I;16N": 65535.0})


def eight_bit(picture: Image.Image, *, gray: bool) -> Image.Image:
    """Convert a decoded picture to mode L or RGB.

    16-bit gray is scaled (65535 becomes 255). 32-bit and float pictures have no agreed full scale; theirs is the
    smallest of 1 (float only), 255, 65535 that holds every pixel, else the picture's own range. Alpha is dropped, as
    `convert("RGB")` does.

    Args:
        picture: Any mode.
        gray: True for one channel.
    """
    wanted = "L" if gray else "RGB"
    if picture.mode == wanted:
        return picture
    if picture.mode in FULL_SCALE or picture.mode in {"I", "F"}:
        picture = _scaled(picture)
    elif picture.mode == "P" and isinstance(picture.info.get("transparency"), bytes):
        picture = picture.convert("RGBA")
    elif picture.mode == "LAB":
        picture = picture.convert("RGB")  # Pillow knows no way from LAB to gray
    return picture.convert(wanted)


def _scaled(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture).astype(np.float64)
    finite = np.where(np.isfinite(values), values, 0.0)
    low, high = _range_of(finite, picture.mode)
    scaled: AnyArray = np.clip(np.rint((finite - low) * (255.0 / (high - low))), 0, 255)
    return Image.fromarray(scaled.astype(np.uint8))


def _range_of(values: FloatArray, mode: str) -> tuple[float, float]:
    if mode in FULL_SCALE:
        return 0.0, FULL_SCALE[mode]
    low, high = float(values.min()), float(values.max())
    for full in (1.0, 255.0, 65535.0) if mode == "F" else (255.0, 65535.0):
        if low >= 0.0 and high <= full:
            return 0.0, full
    return low, high
