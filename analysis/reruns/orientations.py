"""The EXIF orientation of every file, read from its header."""

import warnings

import numpy as np
import pandas as pd
from PIL import Image

from analysis.arrays import IntArray
from analysis.inference.progress import Throttle
from analysis.reruns.subject import Subject
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run

ORIENTATION = 0x0112
UPRIGHT = 1


def orientations(run: Run, subject: Subject, tell: Throttle, stage: str) -> IntArray:
    """(N,) EXIF orientation, 1 = upright or not said; kept in the run, where only the others have a row.

    Args:
        run: Where it is kept.
        subject: N samples.
        tell: Progress.
        stage: What it is called.
    """
    file = run.path / layout.RERUN_ORIENTATIONS
    found = np.full(len(subject), UPRIGHT, dtype=np.int64)
    if file.is_file():
        kept = pd.read_parquet(file)
        found[kept["sample_id"].to_numpy()] = kept["orientation"].to_numpy()
        return found
    for row in range(len(subject)):
        tell(stage, row, len(subject))
        found[row] = orientation_of(subject.path(row))
    turned = np.flatnonzero(found != UPRIGHT)
    write_table(file, pd.DataFrame({"sample_id": turned, "orientation": found[turned].astype(np.int32)}))
    return found


def orientation_of(path: str) -> int:
    """EXIF orientation 1…8 of a file, without decoding it; 1 where it has none or it is broken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path) as picture:
                if picture.format == "PNG" and "exif" not in picture.info:
                    return UPRIGHT  # Pillow would decode the whole picture to look behind it
                value = picture.getexif().get(ORIENTATION, UPRIGHT)
        except Exception:  # broken files make Pillow raise nearly anything; the main pass has listed them
            return UPRIGHT
    return value if isinstance(value, int) and UPRIGHT <= value <= 8 else UPRIGHT
