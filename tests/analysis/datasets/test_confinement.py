"""Pictures outside the allowed folders are a problem of theirs, whichever way a path leads there."""

import os
from pathlib import Path

import pytest

from analysis.datasets.confinement import VARIABLE, allowed_file
from analysis.datasets.reading import read_dataset
from analysis.errors import ImageError


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "in" / "cats").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "inner").mkdir()
    for file in ("in/cats/a.png", "outside/secret.png", "inner/b.png"):
        (tmp_path / file).write_bytes(b"x")
    monkeypatch.setenv(VARIABLE, os.pathsep.join(["/nowhere", str(tmp_path / "in")]))
    return tmp_path


def test_what_lies_inside_is_read(inside: Path) -> None:
    path = str(inside / "in/cats/a.png")
    assert allowed_file(path) == path


@pytest.mark.parametrize("path", ["outside/secret.png", "inner/b.png", "in", "in/../outside/secret.png"])
def test_what_lies_outside_is_not(inside: Path, path: str) -> None:
    if path == "in":
        assert allowed_file(str(inside / path))
        return
    with pytest.raises(ImageError, match="FAULTLINE_ROOTS"):
        allowed_file(str(inside / path))


def test_links_are_followed(inside: Path) -> None:
    (inside / "in/cats/link.png").symlink_to(inside / "outside/secret.png")
    (inside / "in/folder").symlink_to(inside / "outside")
    for path in ("in/cats/link.png", "in/folder/secret.png"):
        with pytest.raises(ImageError):
            allowed_file(str(inside / path))


def test_a_manifest_cannot_name_them(inside: Path) -> None:
    manifest = inside / "in/val.csv"
    manifest.write_text(f"filepath,label\ncats/a.png,cat\n{inside}/outside/secret.png,cat\n")
    dataset = read_dataset(manifest, None)
    assert dataset.path_of(0).endswith("a.png")
    with pytest.raises(ImageError):
        dataset.path_of(1)


def test_on_the_command_line_nothing_is_confined(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    assert allowed_file(str(inside / "outside/secret.png"))
