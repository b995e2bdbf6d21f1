"""The one door to data on disk: an image folder or a manifest."""

from pathlib import Path

from analysis.datasets.dataset import Dataset, Subset
from analysis.datasets.image_folder import read_image_folder
from analysis.datasets.manifest import read_manifest
from analysis.errors import DatasetError


def read_dataset(path: Path, root: Path | None = None, *, subset: Subset = "validation") -> Dataset:
    """Read an image folder, or a CSV or Parquet manifest. No picture is opened.

    Args:
        path: Folder or file.
        root: Where relative file paths of a manifest start; None: the manifest's own folder.
        subset: Which rows to keep where a manifest's `split` column names several sets.

    Raises:
        DatasetError: Nothing usable; the message says what was found and expected.
    """
    path = path.absolute()
    if path.is_dir():
        return read_image_folder(path)
    if path.exists():
        return read_manifest(path, root, subset=subset)
    raise DatasetError(f"{str(path)!r} does not exist: expected an image folder, or a CSV or Parquet manifest.")
