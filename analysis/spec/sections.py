"""The sections of an investigation file, one model each; every key of the contract and its default."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

Resize: TypeAlias = Literal["shortest", "squash", "letterbox", "none"]
Interpolation: TypeAlias = Literal["nearest", "bilinear", "bicubic", "lanczos"]
Channels: TypeAlias = Literal["rgb", "bgr", "gray"]


def _absolute(value: object, info: ValidationInfo) -> object:
    """Read a path relative to the folder of the investigation file; symbolic links are kept."""
    if not isinstance(value, str):
        return value
    if not value.strip() or "\0" in value:
        raise ValueError("expected the path of a file or folder")
    folder = (info.context or {}).get("folder", Path.cwd())
    return Path(os.path.abspath(Path(folder) / Path(value).expanduser()))


def _absolute_factory(value: object, info: ValidationInfo) -> object:
    """Check the three forms of an architecture; a factory's file becomes absolute."""
    if not isinstance(value, str):
        return value
    source, _, name = value.partition("/")
    if source in ("timm", "torchvision") and name:
        return value
    file, _, function = value.rpartition(":")
    if file.endswith(".py") and function.isidentifier():
        return f"{_absolute(file, info)}:{function}"
    raise ValueError("expected timm/NAME, torchvision/NAME or FILE.py:FUNCTION")


def _square(value: object) -> object:
    """Read one number as height and width."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    return tuple(value) if isinstance(value, list) else value


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


AbsolutePath: TypeAlias = Annotated[Path, BeforeValidator(_absolute)]
Architecture: TypeAlias = Annotated[str, BeforeValidator(_absolute_factory)]
Size: TypeAlias = Annotated[int, Field(ge=1, le=16_384)]
PerChannel: TypeAlias = Annotated[
    tuple[Annotated[float, Field(allow_inf_nan=False)], ...],
    BeforeValidator(_as_tuple),
    Field(min_length=1, max_length=4),
]


class Section(BaseModel):
    """What all sections share: unknown keys and wrong types are errors, and nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ModelSpec(Section):
    """Which weights, in which network. `architecture` is None where the file brings its own program."""

    checkpoint: AbsolutePath
    architecture: Architecture | None = None
    weights: Literal["auto", "model", "ema"] = "auto"


class ClassesSpec(Section):
    """The class names in index order, the names known before the expansion, and the larger groups they belong to."""

    names: AbsolutePath
    old: AbsolutePath | None = None
    hierarchy: AbsolutePath | None = None


class DataSpec(Section):
    """Manifests or folders. `root` None means the manifest's own folder."""

    validation: AbsolutePath
    root: AbsolutePath | None = None
    train: AbsolutePath | None = None
    unlabeled: AbsolutePath | None = None


class PreprocessingSpec(Section):
    """What the investigation file sets itself; None leaves a key to the architecture's own configuration.

    `input_size` is (height, width) in pixels, `crop_pct` in (0, 1], `mean` and `std` are on pixels scaled to 0..1.
    """

    input_size: Annotated[tuple[Size, Size], BeforeValidator(_square)] | None = None
    resize: Resize | None = None
    crop_pct: Annotated[float, Field(gt=0, le=1)] | None = None
    interpolation: Interpolation | None = None
    mean: PerChannel | None = None
    std: PerChannel | None = None
    channels: Channels | None = None
    exif: bool | None = None

    @model_validator(mode="after")
    def _channels_agree(self) -> Self:
        if self.std and min(self.std) <= 0:
            raise ValueError(f"std must be above 0 in every channel, got {list(self.std)}")
        expected = {"gray": 1, "rgb": 3, "bgr": 3}.get(self.channels or "")
        lengths = {len(values) for values in (self.mean, self.std) if values}
        if len(lengths) > 1 or (expected and lengths - {expected}):
            raise ValueError(
                f"mean and std need one entry a channel (1 for gray, 3 for rgb and bgr), "
                f"got channels={self.channels!r}, mean={_listed(self.mean)}, std={_listed(self.std)}"
            )
        return self


class BaselineSpec(Section):
    """The model before the expansion. `architecture` None means the one of [model]."""

    checkpoint: AbsolutePath | None = None
    architecture: Architecture | None = None
    classes: AbsolutePath | None = None


class TrainingSpec(Section):
    """What is left of the training: its log, one row an epoch or step."""

    log: AbsolutePath | None = None


class EmbeddingSpec(Section):
    """How the map is drawn: by our own moves, or by umap-learn's."""

    layout: Literal["own", "umap-learn"] = "own"


class InferenceSpec(Section):
    """How the pass over the pictures runs."""

    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda|cuda:[0-9]{1,3}|mps)$")] = "auto"
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] | Literal["auto"] = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    workers: Annotated[int, Field(ge=0, le=1024)] | Literal["auto"] = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


def _listed(values: tuple[float, ...] | None) -> list[float] | None:
    return None if values is None else list(values)
