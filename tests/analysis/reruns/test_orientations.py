"""EXIF orientation from headers alone: JPEG and PNG, none, nonsense, and files that are broken or missing."""

import pytest
from PIL import Image

from analysis.reruns.orientations import ORIENTATION, orientation_of


def tagged(path, value):
    tags = Image.Exif()
    tags[ORIENTATION] = value
    Image.new("RGB", (8, 6), "red").save(path, exif=tags)
    return str(path)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize("value", [1, 3, 6, 8])
def test_the_tag_is_read(tmp_path, suffix, value):
    assert orientation_of(tagged(tmp_path / f"a.{suffix}", value)) == value


def test_no_tag_nonsense_and_broken_files_are_upright(tmp_path):
    plain = tmp_path / "plain.png"
    Image.new("RGB", (8, 6)).save(plain)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe1 no picture")
    for path in (str(plain), tagged(tmp_path / "odd.jpg", 77), str(broken), str(tmp_path / "missing.jpg")):
        assert orientation_of(path) == 1
