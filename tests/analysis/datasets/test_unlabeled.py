"""Pictures without labels: folders of any shape, manifests, and what is neither."""

from pathlib import Path

import pytest

from analysis.datasets.unlabeled import read_unlabeled
from analysis.errors import DatasetError


def test_a_folder_counts_however_deep_its_pictures_lie(tmp_path: Path) -> None:
    for name in ("b.png", "a/deep/c.JPG", ".hidden/d.png", "a/.e.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = read_unlabeled(tmp_path)
    assert sorted(found.filepaths) == ["a/deep/c.JPG", "b.png"]
    assert set(found.labels) == {""}
    assert found.confined


def test_a_manifest_needs_a_column_of_paths_alone(tmp_path: Path) -> None:
    (tmp_path / "pool.csv").write_text("camera,Path\nx,a.png\ny,\nz,b/c.png\n")
    found = read_unlabeled(tmp_path / "pool.csv", tmp_path / "pictures")
    assert list(found.filepaths) == ["a.png", "b/c.png"]
    assert found.path_of(1) == str(tmp_path / "pictures" / "b/c.png")


@pytest.mark.parametrize(
    ("content", "said"), [("camera\nx\n", "lacks the column 'filepath'"), ("path\n", "names no picture")]
)
def test_manifests_without_pictures(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "pool.csv").write_text(content)
    with pytest.raises(DatasetError, match=said):
        read_unlabeled(tmp_path / "pool.csv")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="names no picture"):
        read_unlabeled(tmp_path)
    with pytest.raises(DatasetError, match="does not exist"):
        read_unlabeled(tmp_path / "nowhere")
