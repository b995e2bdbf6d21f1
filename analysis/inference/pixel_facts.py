"""How the pixels that the network sees look, in four numbers: enough to tell dark, blurred or covered pictures."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from analysis.arrays import FloatArray
from analysis.runs.layout import PIXEL_COLUMNS

_AT_ONCE = 1 << 15  # pixels: their values as floats fit into a processor's cache, those of a whole batch do not


def pixel_facts(pixels: npt.NDArray[np.uint8]) -> dict[str, FloatArray]:
    """Facts of n pictures, each (n,) float32.

    `pixel_mean`, `pixel_std`: brightness and contrast, 0..255, over all pixels and channels. `pixel_sharpness`: mean
    of |4 · pixel − its four neighbours| of the middle channel, 0..1020; low = blurred, high = noise. `pixel_flat`:
    share (0..1) of pixels where that is 0, as in areas of one colour. The last two are NaN for pictures less than 3
    pixels wide or high.

    Args:
        pixels: (n, height, width, channels) uint8.
    """
    parts = list(_parts(torch.from_numpy(pixels)))
    columns = torch.cat(parts, dim=1).numpy() if parts else np.empty((len(PIXEL_COLUMNS), 0), dtype=np.float32)
    return dict(zip(PIXEL_COLUMNS, columns, strict=True))


def _parts(pixels: torch.Tensor) -> Iterator[torch.Tensor]:
    height, width = pixels.shape[1:3]
    for some in torch.split(pixels, max(1, _AT_ONCE // max(1, height * width))):
        values = some.flatten(1).float()
        mean = values.mean(dim=1)
        spread = (values - mean[:, None]).square_().mean(dim=1).sqrt_()
        yield torch.stack([mean, spread, *_edges(some[..., some.shape[-1] // 2])])


def _edges(channel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Sharpness and flat share, each (n,), of one channel (n, height, width)."""
    if min(channel.shape[1:]) < 3:
        unknown = torch.full((len(channel),), torch.nan)
        return unknown, unknown
    level = channel.to(torch.int16)
    edge = 4 * level[:, 1:-1, 1:-1]
    edge -= level[:, :-2, 1:-1]
    edge -= level[:, 2:, 1:-1]
    edge -= level[:, 1:-1, :-2]
    edge -= level[:, 1:-1, 2:]
    found = edge.abs_().flatten(1)
    return found.sum(dim=1) / found.shape[1], 1 - torch.count_nonzero(found, dim=1) / found.shape[1]
