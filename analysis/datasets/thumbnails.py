"""The small picture the views show."""

import io

from PIL import Image

LONGEST_SIDE = 128
SMALL_FILE = 8192
SMALL_SIDE = 512
JPEG_QUALITY = 85
SHOWN_BY_BROWSERS = frozenset({"PNG", "JPEG", "WEBP", "GIF"})
PLAIN_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})


def thumbnail_of(data: bytes, original: Image.Image, coloured: Image.Image, *, turned: bool) -> bytes:
    """Keep a small file as it is, else make a picture of at most 128 pixels a side.

    Args:
        data: The file's bytes.
        original: The picture as decoded from them.
        coloured: The same in mode L or RGB, turned upright where that was asked for.
        turned: True where the two differ in orientation.

    Returns:
        A JPEG, PNG, WebP or GIF file.
    """
    if not turned and _can_stay(data, original):
        return data
    size = coloured.size
    scale = min(1.0, LONGEST_SIDE / max(size))
    small = coloured
    if scale < 1.0:
        target = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
        small = coloured.resize(target, Image.Resampling.BILINEAR, reducing_gap=2.0)
    stream = io.BytesIO()
    if max(size) <= LONGEST_SIDE:
        small.save(stream, "PNG")
    else:
        small.save(stream, "JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()


def _can_stay(data: bytes, original: Image.Image) -> bool:
    """A browser must show the same pixels: no orientation of its own, no unusual colours, no giant in 8 kB."""
    return (
        len(data) <= SMALL_FILE
        and original.format in SHOWN_BY_BROWSERS
        and original.mode in PLAIN_MODES
        and max(original.size) <= SMALL_SIDE
        and "exif" not in original.info
    )
