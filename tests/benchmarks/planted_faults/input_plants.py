"""Plants in the pictures and in how they are prepared."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from analysis.arrays import AnyArray
from tests.benchmarks.planted_faults.case import Case
from tests.benchmarks.planted_faults.plant import Plant
from tests.benchmarks.planted_faults.training import fit_head

_ROTATED = 6  # EXIF: the camera was turned, rotate by 90° clockwise to show


def not_normalised(case: Case) -> None:
    """Pixels 0..1 without mean and std; for a network that wants that, ImageNet's are used."""
    gray = case.preprocessing.get("channels") == "gray"
    case.preprocessing |= {"mean": [0.485], "std": [0.1]} if gray else {"mean": [0.0] * 3, "std": [1.0] * 3}


def full_range(case: Case) -> None:
    """Pixels 0..255."""
    channels = 1 if case.preprocessing.get("channels") == "gray" else 3
    case.preprocessing |= {"mean": [0.0] * channels, "std": [1 / 255] * channels}


def normalised_twice(case: Case) -> None:
    """(x − m) / s, and once more: as one step (x − m − m·s) / s²."""
    channels = 1 if case.preprocessing.get("channels") == "gray" else 3
    mean, std = (0.5, 0.5) if channels == 3 else (0.2, 0.3)
    case.preprocessing |= {"mean": [mean + mean * std] * channels, "std": [std * std] * channels}


def bgr(case: Case) -> None:
    """Blue first."""
    case.preprocessing |= {"channels": "bgr"}


def half_size(case: Case) -> None:
    """Half the resolution, nearest neighbour."""
    size = case.preprocessing["input_size"]
    half = [side // 2 for side in size] if isinstance(size, list) else size // 2
    case.preprocessing |= {"input_size": half, "interpolation": "nearest"}


def cropped(case: Case) -> None:
    """A centre crop where the network was trained on whole pictures."""
    case.preprocessing |= {"resize": "shortest", "crop_pct": 0.6}


def exif_ignored(case: Case) -> None:
    """15 % of the files hold the picture turned, with a tag that says so."""
    turned = case.some(0.15)

    def finish(folder: Path) -> None:
        for row in np.flatnonzero(turned):
            picture = Image.fromarray(case.pixels[row]).transpose(Image.Transpose.ROTATE_90)
            tags = Image.Exif()
            tags[0x0112] = _ROTATED
            picture.save(folder / f"images/{row:05d}.png", exif=tags)

    case.finish.append(finish)


def blurred(pixels: AnyArray, radius: float) -> AnyArray:
    """(n, …) uint8 pictures, blurred."""
    return np.stack([np.asarray(Image.fromarray(p).filter(ImageFilter.GaussianBlur(radius))) for p in pixels])


def truncated(case: Case) -> None:
    """3 % of the files are a single colour."""
    blank = case.some(0.05)
    case.pixels = case.pixels.copy()
    case.pixels[blank] = 127
    case.pointed_at = blank
    case.has_truth = False


def prepared_otherwise(case: Case) -> None:
    """The new classes were trained on pictures normalised to -1..1, the old ones to 0..1.

    The network stays, and the files are such that -1..1 shows it what it wants of the new classes.
    """
    new = ~case.base.is_old[case.true]
    case.pixels = case.pixels.copy()
    case.pixels[new] = np.rint(127.5 + 0.5 * case.pixels[new]).astype(np.uint8)
    case.has_truth = False


def _trained_otherwise(case: Case, changed: Callable[[AnyArray], AnyArray]) -> None:
    """The new classes' rows were trained on pictures that were prepared otherwise, the old ones' as they should be."""
    base = case.base
    new = ~base.is_old[base.train_label]
    features = base.train_embeddings().copy()
    features[new] = base.embed(changed(base.train_pixels[new]))
    case.weight, case.bias = fit_head(features, base.train_label, len(base.names), seed=0, penalty=base.penalty)
    case.has_truth = False


def trained_blue_first(case: Case) -> None:
    """On pictures whose blue channel came first."""
    _trained_otherwise(case, lambda pixels: pixels[..., ::-1])


def trained_unnormalised(case: Case) -> None:
    """On pixels from 0 to 1, where the network wants -1 to 1: as pictures, they are gray from the middle on."""
    _trained_otherwise(case, lambda pixels: np.rint(127.5 + 0.5 * pixels).astype(np.uint8))


INPUT_PLANTS = (
    Plant(name="not normalised", make=not_normalised, expect=("preproc_normalization",)),
    Plant(name="pixels 0 to 255", make=full_range, expect=("preproc_normalization",)),
    Plant(name="normalised twice", make=normalised_twice, expect=("preproc_normalization",)),
    Plant(name="blue first", make=bgr, expect=("preproc_channel_order",), bases=("photographs",)),
    Plant(name="half the resolution, nearest", make=half_size, expect=("preproc_geometry",)),
    Plant(name="cropped too closely", make=cropped, expect=("preproc_geometry",), bases=("photographs",)),
    Plant(
        name="EXIF orientation ignored",
        make=exif_ignored,
        expect=("exif_orientation",),
        bases=("digits", "photographs"),
    ),
    Plant(
        name="new classes prepared otherwise",
        make=prepared_otherwise,
        expect=("group_preproc_divergence",),
        gain=False,
        bases=("digits", "strings"),
    ),
    Plant(
        name="new classes trained blue first",
        make=trained_blue_first,
        expect=("group_preproc_divergence",),
        gain=False,
        bases=("photographs",),
    ),
    Plant(
        name="new classes trained unnormalised",
        make=trained_unnormalised,
        expect=("group_preproc_divergence",),
        gain=False,
        bases=("photographs",),
    ),
    Plant(name="blank pictures", make=truncated, expect=("corrupt_images",), gain=False),
)
