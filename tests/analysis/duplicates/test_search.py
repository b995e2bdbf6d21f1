"""The stage: tables of copies, training pictures that are missing, and going on after a stop."""

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.datasets.dataset import Dataset
from analysis.datasets.images import content_hash
from analysis.duplicates.search import find_duplicates
from analysis.runs import layout
from analysis.runs.atomic import write_array
from analysis.runs.leak_pictures import leak_picture, write_leak_pictures
from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from tests.planting import make_run

N = 60


def _png(picture):
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def _scenes(n, seed=0):
    fields = np.random.default_rng(seed).integers(0, 256, size=(n, 7, 7, 3), dtype=np.uint8)
    return [Image.fromarray(field).resize((64, 64), Image.Resampling.BICUBIC) for field in fields]


def _dataset(root: Path, names: list[str]) -> Dataset:
    metadata = pd.DataFrame(index=range(len(names)))
    return Dataset(filepaths=names, labels=["class 000"] * len(names), metadata=metadata, root=root)


@pytest.fixture
def planted(tmp_path):
    """60 samples, the last two copies of the first two: one byte for byte, one re-encoded; three are blank."""
    scenes = _scenes(N - 2)
    files = [_png(scene) for scene in scenes]
    files[10:13] = [_png(Image.new("RGB", (64, 64), (k, k, k))) for k in (0, 1, 0)]
    jpeg = io.BytesIO()
    scenes[1].save(jpeg, "JPEG", quality=70)
    files += [files[0], jpeg.getvalue()]
    path = tmp_path / "run"
    make_run(path, classes=3, per_class=N // 3, thumbnails=False)
    length = np.array([len(data) for data in files])
    (path / layout.THUMBNAILS).mkdir()
    (path / layout.THUMBNAILS / "pack-000000.bin").write_bytes(b"".join(files))
    write_array(path / layout.THUMBNAIL_INDEX, np.stack([0 * length, np.cumsum(length) - length, length], axis=1))
    replace_columns(path, {"content_hash": np.array([content_hash(data) for data in files])})
    return path, files, scenes


def _search(path, training=None, notices=None):
    told = [] if notices is None else notices
    find_duplicates(Run.open(path), _dataset(path, []), training, progress=lambda *_: None, notice=told.append)
    return Run.open(path)


def test_copies_within_validation_are_written_once_each(planted):
    found = _search(planted[0]).duplicates
    assert found[["sample_id", "other", "kind"]].to_numpy().tolist() == [[58, 0, "exact"], [59, 1, "near"]]
    assert found["similarity"].between(0.9, 1).all()
    assert Run.open(planted[0]).leaks is None


def _training(tmp_path, planted):
    _, files, scenes = planted
    folder = tmp_path / "train"
    folder.mkdir()
    for number, scene in enumerate(_scenes(30, seed=5)):
        (folder / f"{number}.png").write_bytes(_png(scene))
    (folder / "same.png").write_bytes(files[5])
    (folder / "blank.png").write_bytes(files[10])
    scenes[7].save(folder / "again.jpg", quality=80)
    names = [*(f"{number}.png" for number in range(30)), "same.png", "blank.png", "again.jpg"]
    return _dataset(folder, names)


def test_validation_pictures_in_training_are_named(tmp_path, planted):
    leaks = _search(planted[0], _training(tmp_path, planted)).leaks
    assert leaks[["sample_id", "filepath", "kind"]].to_numpy().tolist() == [
        [5, "same.png", "exact"],
        [7, "again.jpg", "near"],
    ]


def test_the_training_pictures_of_leaks_travel_with_the_run(tmp_path, planted):
    training = _training(tmp_path, planted)
    _search(planted[0], training)
    shutil.rmtree(training.root)
    assert leak_picture(planted[0], 0) == planted[1][5]  # a small file stays as it is
    assert leak_picture(planted[0], 1).startswith(b"\xff\xd8")
    assert leak_picture(planted[0], 2) is None
    _search(planted[0])  # without a training set nothing of it is left
    assert leak_picture(planted[0], 0) is None


def test_equal_training_pictures_are_kept_once(tmp_path):
    write_leak_pictures(tmp_path, iter([b"one", None, b"two", b"one", b""]))
    assert [leak_picture(tmp_path, row) for row in range(-1, 6)] == [None, b"one", None, b"two", b"one", None, None]
    assert (tmp_path / layout.LEAK_PICTURES).read_bytes() == b"onetwo"
    write_leak_pictures(tmp_path, iter([]))
    assert leak_picture(tmp_path, 0) is None


def test_training_pictures_on_another_machine_are_an_input_that_is_missing(tmp_path, planted):
    notices = []
    run = _search(planted[0], _dataset(tmp_path / "nowhere", ["a.png", "b.png"]), notices)
    assert run.leaks is None
    assert run.duplicates is not None
    assert "None of the 2 training pictures is on this machine" in notices[0]


def test_unreadable_training_pictures_are_counted(tmp_path, planted):
    training = _training(tmp_path, planted)
    (training.root / "3.png").write_bytes(b"no picture")
    (training.root / "4.png").unlink()
    notices = []
    assert len(_search(planted[0], training, notices).leaks) == 2
    assert notices == [
        "2 of the 33 training pictures could not be read, so copies of validation pictures among them are not known."
    ]


def test_a_stopped_search_goes_on_without_reading_what_was_read(tmp_path, planted, monkeypatch):
    training = _training(tmp_path, planted)
    monkeypatch.setattr("analysis.duplicates.reading.SHARD", 10)

    def stop(stage, done, total):
        if stage.endswith("training") and done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_duplicates(Run.open(planted[0]), _dataset(planted[0], []), training, progress=stop, notice=lambda _: None)
    for number in range(10):
        (training.root / f"{number}.png").unlink()  # would be missed if they were read again
    notices = []
    run = _search(planted[0], training, notices)
    assert len(run.leaks) == 2
    assert not notices
    assert not (planted[0] / layout.FINGERPRINTS).exists()


def test_a_finished_search_is_not_repeated_and_another_training_set_is(tmp_path, planted):
    training = _training(tmp_path, planted)
    _search(planted[0], training)
    before = (planted[0] / layout.LEAKS).stat().st_mtime_ns
    _search(planted[0], training)
    assert (planted[0] / layout.LEAKS).stat().st_mtime_ns == before
    assert _search(planted[0]).leaks is None
