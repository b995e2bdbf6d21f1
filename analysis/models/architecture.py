"""From the name of an architecture to an untrained network: timm, torchvision or a factory of the user's own."""

import difflib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from analysis.errors import ArchitectureError
from analysis.models.factory import build_from_factory
from analysis.models.pretrained import timm_preprocessing, torchvision_preprocessing
from analysis.models.torchvision_import import import_torchvision


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltModel:
    """An untrained network.

    Attributes:
        module: The network, in evaluation mode, on the CPU.
        pretrained_preprocessing: The preprocessing it was made for, with the keys of `[preprocessing]`, or None.
    """

    module: torch.nn.Module
    pretrained_preprocessing: Mapping[str, Any] | None


def build_model(architecture: str, num_classes: int, input_size: tuple[int, int] | None = None) -> BuiltModel:
    """Build a network with random weights; nothing is downloaded.

    Args:
        architecture: `timm/NAME`, `torchvision/NAME` or `FILE.py:FUNCTION`, which is called with `num_classes`.
        num_classes: Number of outputs C.
        input_size: Height and width in pixels, for networks built for one size only; None for their own.

    Returns:
        The network in evaluation mode.

    Raises:
        ArchitectureError: If there is no such architecture, or building it fails.
    """
    source, _, name = architecture.partition("/")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torchvision and timm warn about initial weights, which are replaced here
        if source == "timm" and name:
            return _build_timm(name, num_classes, input_size)
        if source == "torchvision" and name:
            return _build_torchvision(name, num_classes, input_size)
        return _build_own(architecture, num_classes)


def _build_timm(name: str, num_classes: int, input_size: tuple[int, int] | None) -> BuiltModel:
    import_torchvision()
    import timm

    known = timm.list_models()
    if not timm.is_model(name.partition(".")[0]):  # also knows names that were renamed since
        raise _unknown(name, known, "timm")
    module = _built(f"timm/{name}", lambda: timm.create_model(name, pretrained=False, num_classes=num_classes))
    if input_size and module.pretrained_cfg.get("fixed_input_size") and input_size != _trained_size(module):
        module = _built(
            f"timm/{name} for pictures of {input_size[0]} × {input_size[1]} px",
            lambda: timm.create_model(name, pretrained=False, num_classes=num_classes, img_size=input_size),
        )
    return BuiltModel(module=module.eval(), pretrained_preprocessing=timm_preprocessing(module.pretrained_cfg))


def _build_torchvision(name: str, num_classes: int, input_size: tuple[int, int] | None) -> BuiltModel:
    import_torchvision()
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        raise _unknown(name, known, "torchvision")
    options: dict[str, Any] = {"weights": None, "num_classes": num_classes}
    module = _built(f"torchvision/{name}", lambda: models.get_model(name, **options))
    size = getattr(module, "image_size", None)
    if input_size and size and input_size != (size, size) and input_size[0] == input_size[1]:
        options["image_size"] = input_size[0]
        module = _built(f"torchvision/{name}", lambda: models.get_model(name, **options))
    return BuiltModel(module=module.eval(), pretrained_preprocessing=torchvision_preprocessing(name, size))


def _build_own(architecture: str, num_classes: int) -> BuiltModel:
    module = build_from_factory(architecture, num_classes).eval()
    config = getattr(module, "pretrained_cfg", None) or getattr(module, "default_cfg", None)
    readable = isinstance(config, Mapping) or hasattr(config, "to_dict")
    preprocessing = (
        _built(f"The configuration of {architecture}", lambda: timm_preprocessing(config)) if readable else None
    )
    return BuiltModel(module=module, pretrained_preprocessing=preprocessing)


def _trained_size(module: Any) -> tuple[int, ...]:
    return tuple(module.pretrained_cfg.get("input_size", (3, 224, 224))[-2:])


def _built(what: str, build: Callable[[], Any]) -> Any:
    try:
        return build()
    except Exception as error:  # whatever a library raises, the reader gets one line
        raise ArchitectureError(f"{what} cannot be built: {type(error).__name__}: {error}") from error


def _unknown(name: str, known: Sequence[str], source: str) -> ArchitectureError:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(f'{source}/{match}' for match in close)}?" if close else ""
    return ArchitectureError(
        f"{source} has no classification network {name!r}.{hint} "
        f"Expected one of its {len(known):,} names, or FILE.py:FUNCTION for a network of your own."
    )
