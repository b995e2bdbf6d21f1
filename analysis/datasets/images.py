"""One picture: from a file's bytes to the uint8 array the network's input is made from."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from analysis.datasets.eight_bit import eight_bit
from analysis.datasets.preprocessing import Preprocessing
from analysis.datasets.resizing import fit
from analysis.datasets.thumbnails import thumbnail_of
from analysis.errors import ImageError


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedImage:
    """One picture, ready for the network.

    Attributes:
        pixels: (height, width, channels) uint8 at the input size, channels in the order asked for.
        width: Of the file's picture, in pixels.
        height: Of the file's picture, in pixels.
        mode: Pillow's name of the file's pixel format (RGB, L, P, CMYK, I;16, …).
        content_hash: 64-bit BLAKE2b of the file's bytes; equal for byte-identical files.
        thumbnail: A small JPEG, PNG, WebP or GIF for the views.
    """

    pixels: npt.NDArray[np.uint8]
    width: int
    height: int
    mode: str
    content_hash: int
    thumbnail: bytes


def decode(source: str | Path | bytes, preprocessing: Preprocessing, *, thumbnail: bool = True) -> DecodedImage:
    """Read one picture and bring it to the input size; of an animation the first frame.

    Args:
        source: A file, or its bytes.
        preprocessing: Size, interpolation, channels, EXIF.
        thumbnail: False leaves the thumbnail empty.

    Raises:
        ImageError: The file is missing, empty, no picture, truncated, or a decompression bomb; one line.
    """
    data = source if isinstance(source, bytes) else _read(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about odd EXIF and palettes; none of it changes a pixel here
        original = _open(data)
        mode, width, height = original.mode, original.width, original.height
        picture = _upright(original) if preprocessing.exif else original
        coloured = _eight_bit(picture, preprocessing)
        pixels = np.asarray(fit(coloured, preprocessing))
        small = thumbnail_of(data, original, coloured, turned=picture is not original) if thumbnail else b""
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    return DecodedImage(
        pixels=pixels[:, :, ::-1] if preprocessing.channels == "bgr" else pixels,
        width=width,
        height=height,
        mode=mode,
        content_hash=content_hash(data),
        thumbnail=small,
    )


def small_picture(data: bytes) -> bytes:
    """The same small picture as `DecodedImage.thumbnail`, of a file that no network needs to see.

    Raises:
        ImageError: As `decode`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        original = _open(data)
        try:
            return thumbnail_of(data, original, eight_bit(original, gray=False), turned=False)
        except (ValueError, OSError) as error:
            raise ImageError(f"the pixel format {original.mode} cannot be converted: {_one_line(error)}") from error


def content_hash(data: bytes) -> int:
    """64-bit BLAKE2b of some bytes, as a signed integer."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)


def _read(path: str | Path) -> bytes:
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.read()
    except FileNotFoundError as error:
        raise ImageError("the file does not exist") from error
    except IsADirectoryError as error:
        raise ImageError("a folder, not a file") from error
    except OSError as error:
        raise ImageError(f"the file cannot be read: {error.strerror}") from error


def _open(data: bytes) -> Image.Image:
    """Decode the first frame completely, so that nothing can fail later."""
    if not data:
        raise ImageError("the file is empty (0 bytes)")
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except UnidentifiedImageError as error:
        raise ImageError("not a picture in a format that can be read") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"a decompression bomb: {_one_line(error)}") from error
    except Exception as error:  # a broken file makes Pillow's decoders raise nearly anything
        raise ImageError(f"the picture is damaged: {_one_line(error)}") from error
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # damaged EXIF says nothing about the orientation
        return picture


def _eight_bit(picture: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    try:
        return eight_bit(picture, gray=preprocessing.channels == "gray")
    except (ValueError, OSError) as error:
        raise ImageError(f"the pixel format {picture.mode} cannot be converted: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
