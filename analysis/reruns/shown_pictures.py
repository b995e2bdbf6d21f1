"""What the network really sees, as small pictures for people: the run's own way beside every variant's."""

import io
from collections.abc import Iterable

import numpy as np
from PIL import Image

from analysis.arrays import IntArray
from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import ImageError
from analysis.reruns.asking import Asker
from analysis.reruns.conversions import Pixels
from analysis.reruns.sampling import EACH
from analysis.reruns.variant import Variant
from analysis.runs import layout
from analysis.runs.atomic import replacing
from analysis.runs.run import Run

OWN = "run"
SHOWN = 4
MOST_SIDE = 160  # pixels


def write_pictures(run: Run, asker: Asker, variants: Iterable[Variant], order: IntArray, base: Variant) -> None:
    """Write ``reruns/pictures/NAME-SAMPLE.png``, NAME being the variant's id or "run" for the run's own way.

    Args:
        run: Where to.
        asker: Decodes.
        variants: Those that change the pictures; of each four samples that it can change.
        order: (N,) sample_ids of `asking_order`; one each of its first blocks is shown, which are of different classes.
        base: The run itself.
    """
    for variant in variants:
        rows = order if variant.rows is None else order[np.isin(order, variant.rows)]
        step = EACH if len(rows) >= SHOWN * EACH else 1  # so many of one class follow one another
        for row in rows[::step][:SHOWN].tolist():
            for one, name in ((base, OWN), (variant, variant.id)):
                file = run.path / layout.RERUN_PICTURES / f"{name}-{row}.png"
                if file.is_file():
                    continue
                try:
                    pixels = asker.pixels(one, np.array([row]))[0]
                except ImageError:
                    continue
                with replacing(file) as stream:
                    stream.write(_png(pixels, one.preprocessing))


def _png(pixels: Pixels, preprocessing: Preprocessing) -> bytes:
    """The normalised picture, −2 black and +2 white: what is well normalised looks natural, all else does not."""
    mean, std = np.array(preprocessing.mean), np.array(preprocessing.std)
    seen = np.clip(0.5 + (pixels / 255.0 - mean) / std / 4, 0, 1)
    picture = Image.fromarray(np.rint(255 * seen).astype(np.uint8).squeeze())
    if max(picture.size) > MOST_SIDE:
        picture.thumbnail((MOST_SIDE, MOST_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
