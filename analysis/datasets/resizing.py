"""From any picture size to the input size, pixel for pixel as torchvision does on PIL images."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PIL import Image

from analysis.datasets.preprocessing import Interpolation, Preprocessing, Resize
from analysis.errors import ImageError

RESAMPLING: Mapping[Interpolation, Image.Resampling] = MappingProxyType(
    {
        "nearest": Image.Resampling.NEAREST,
        "bilinear": Image.Resampling.BILINEAR,
        "bicubic": Image.Resampling.BICUBIC,
        "lanczos": Image.Resampling.LANCZOS,
    }
)


def fit(picture: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Bring a picture to the input size.

    Args:
        picture: Mode L or RGB, any size.
        preprocessing: Says how.

    Returns:
        The same mode, exactly `preprocessing.input_size`.

    Raises:
        ImageError: resize is "none" and the picture has another size.
    """
    return FITTINGS[preprocessing.resize](picture, preprocessing)


def _shortest(picture: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Do as Resize(round(size / crop_pct)) and CenterCrop(size) of torchvision; oblong inputs are covered likewise."""
    height, width = preprocessing.input_size
    least_height = max(height, round(height / preprocessing.crop_pct))
    least_width = max(width, round(width / preprocessing.crop_pct))
    if picture.width * least_height <= picture.height * least_width:
        size = (least_width, max(least_height, int(least_width * picture.height / picture.width)))
    else:
        size = (max(least_width, int(least_height * picture.width / picture.height)), least_height)
    resized = _resized(picture, size, preprocessing)
    top, left = round((resized.height - height) / 2.0), round((resized.width - width) / 2.0)
    return resized.crop((left, top, left + width, top + height))


def _squash(picture: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    height, width = preprocessing.input_size
    return _resized(picture, (width, height), preprocessing)


def _letterbox(picture: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """The whole picture, centred on the mean colour, which the network sees as zero."""
    height, width = preprocessing.input_size
    scale = min(height / picture.height, width / picture.width)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    mean = preprocessing.mean[::-1] if preprocessing.channels == "bgr" else preprocessing.mean
    colour = tuple(min(255, max(0, round(255 * value))) for value in mean)
    canvas = Image.new(picture.mode, (width, height), colour if len(colour) > 1 else colour[0])
    canvas.paste(_resized(picture, size, preprocessing), ((width - size[0]) // 2, (height - size[1]) // 2))
    return canvas


def _none(picture: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    height, width = preprocessing.input_size
    if (picture.height, picture.width) != (height, width):
        raise ImageError(
            f'the picture is {picture.width}×{picture.height}, the input {width}×{height}, and resize is "none"'
        )
    return picture


def _resized(picture: Image.Image, size: tuple[int, int], preprocessing: Preprocessing) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, RESAMPLING[preprocessing.interpolation])


FITTINGS: Mapping[Resize, Callable[[Image.Image, Preprocessing], Image.Image]] = MappingProxyType(
    {"shortest": _shortest, "squash": _squash, "letterbox": _letterbox, "none": _none}
)
