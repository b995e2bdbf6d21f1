"""Pictures out of packs: the right bytes, and None for what is not there."""

import numpy as np

from analysis.runs import layout
from analysis.runs.atomic import write_array
from analysis.runs.thumbnail_packs import ThumbnailPacks, pack_file


def test_each_sample_has_the_bytes_of_its_place(tmp_path):
    (tmp_path / layout.THUMBNAILS).mkdir()
    pack_file(tmp_path, 0).write_bytes(b"onetwo")
    pack_file(tmp_path, 1).write_bytes(b"three")
    write_array(tmp_path / layout.THUMBNAIL_INDEX, np.array([[0, 0, 3], [0, 3, 3], [1, 0, 5], [1, 5, 0], [2, 0, 4]]))
    packs = ThumbnailPacks.open(tmp_path)
    assert [packs.picture(sample) for sample in range(5)] == [b"one", b"two", b"three", None, None]
    assert packs.picture(-1) is packs.picture(5) is None


def test_a_run_without_pictures_has_no_packs(tmp_path):
    assert ThumbnailPacks.open(tmp_path) is None
