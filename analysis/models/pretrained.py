"""The preprocessing an architecture was made for, with the keys of `[preprocessing]`."""

from collections.abc import Mapping
from typing import Any

from analysis.models.torchvision_import import import_torchvision

RESIZE_OF_CROP_MODE = {"center": "shortest", "squash": "squash", "border": "letterbox"}


def timm_preprocessing(config: Any) -> dict[str, Any]:
    """Read a timm configuration (`pretrained_cfg`, or the older `default_cfg`).

    Args:
        config: A mapping or timm's own class, with input_size (channels, height, width), crop_pct, crop_mode, mean, ….

    Returns:
        `input_size` (height, width), `resize`, `crop_pct`, `interpolation`, `mean`, `std`, `channels`, `exif`.
    """
    import_torchvision()
    from timm.data import config as timm_config

    values = dict(config if isinstance(config, Mapping) else config.to_dict())
    resolved = timm_config.resolve_data_config(pretrained_cfg=values)  # type: ignore[no-untyped-call]
    channels, height, width = resolved["input_size"]
    interpolation = resolved["interpolation"]
    return {
        "input_size": (int(height), int(width)),
        "resize": RESIZE_OF_CROP_MODE.get(resolved["crop_mode"], "shortest"),
        "crop_pct": float(resolved["crop_pct"]),
        "interpolation": interpolation if interpolation != "random" else "bilinear",
        "mean": _per_channel(resolved["mean"], channels),
        "std": _per_channel(resolved["std"], channels),
        "channels": "gray" if channels == 1 else "rgb",
        "exif": False,
    }


def torchvision_preprocessing(name: str, image_size: int | None = None) -> dict[str, Any] | None:
    """Read the transforms that belong to torchvision's own weights of a network.

    Args:
        name: The network's name.
        image_size: Side in pixels where the network takes one size only; its weights of that size are preferred.

    Returns:
        The keys of `timm_preprocessing`, or None where torchvision publishes no weights.
    """
    import_torchvision()
    from torchvision.models import get_model_weights

    published = get_model_weights(name)
    if not len(published):
        return None
    fitting = [weights for weights in published if image_size in (None, weights.transforms().crop_size[0])]
    transforms = (published.DEFAULT if published.DEFAULT in fitting or not fitting else fitting[0]).transforms()
    crop, shortest = transforms.crop_size[0], transforms.resize_size[0]
    return {
        "input_size": (crop, crop),
        "resize": "shortest",
        "crop_pct": crop / shortest,
        "interpolation": transforms.interpolation.value,
        "mean": tuple(transforms.mean),
        "std": tuple(transforms.std),
        "channels": "rgb",
        "exif": False,
    }


def _per_channel(values: Any, channels: int) -> tuple[float, ...]:
    """Return one entry a channel; a gray network's configuration often keeps three."""
    numbers = tuple(float(value) for value in values)
    return numbers if len(numbers) == channels else (sum(numbers) / len(numbers),) * channels
