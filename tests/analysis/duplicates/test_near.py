"""Copies re-encoded, resized or slightly cropped are found; pictures of one kind and blank ones are no copies."""

import io

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from analysis.duplicates.candidates import candidate_pairs
from analysis.duplicates.distance import distances
from analysis.duplicates.near import near_copies, near_duplicates
from analysis.duplicates.perceptual_hash import perceptual_hash
from analysis.duplicates.small_picture import SmallPictures, shrink


def _file(picture, **options):
    stream = io.BytesIO()
    picture.save(stream, **{"format": "PNG", **options})
    return stream.getvalue()


def _small(files):
    kept = SmallPictures.missing(len(files))
    for row, data in enumerate(files):
        if (found := shrink(data)) is not None:
            kept.gray[row], kept.colour[row] = found
            kept.is_readable[row] = True
    return kept


def _scenes(n, seed=0, side=96):
    """Smooth random colour fields: no two alike."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, size=(n, 7, 7, 3), dtype=np.uint8)
    return [Image.fromarray(field).resize((side, side), Image.Resampling.BICUBIC) for field in coarse]


def _digits(n):
    small = load_digits(return_X_y=True)[0][:n]
    return [
        Image.fromarray((p.reshape(8, 8) * 15.9).astype(np.uint8)).resize((32, 32), Image.Resampling.BICUBIC)
        for p in small
    ]


CHANGES = {
    "as JPEG": lambda p: _file(p, format="JPEG", quality=60),
    "half the size": lambda p: _file(p.resize((48, 48), Image.Resampling.BILINEAR)),
    "larger and JPEG": lambda p: _file(p.resize((200, 200), Image.Resampling.BICUBIC), format="JPEG", quality=80),
    "cropped": lambda p: _file(p.crop((3, 3, 93, 93))),
    "oblong": lambda p: _file(p.resize((120, 80), Image.Resampling.BICUBIC)),
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_changed_copies_are_found_and_nothing_else(change):
    scenes = _scenes(120)
    pictures = _small([_file(p) for p in scenes] + [CHANGES[change](p) for p in scenes[:30]])
    copies = near_duplicates(pictures).copies
    assert {*zip(copies.query.tolist(), copies.key.tolist(), strict=True)} == {(120 + i, i) for i in range(30)}
    assert (copies.similarity > 0.85).all()


@pytest.mark.parametrize("change", ["as JPEG", "larger and JPEG"])
def test_copies_in_another_set_are_found_whatever_its_parts(change):
    scenes = _scenes(150)
    queries = _small([_file(p) for p in scenes[:60]])
    keys = _small([_file(p) for p in scenes[60:]] + [CHANGES[change](p) for p in scenes[:20]])
    apart = near_duplicates(queries).apart
    expected = {(i, 90 + i) for i in range(20)}
    for parts in ([keys], [keys.at(slice(0, 40)), keys.at(slice(40, 95)), keys.at(slice(95, None))]):
        copies = near_copies(queries, parts, apart)
        assert {*zip(copies.query.tolist(), copies.key.tolist(), strict=True)} == expected


def test_digits_by_many_hands_are_no_copies_and_re_encoded_ones_are():
    digits = _digits(600)
    plain = _small([_file(p) for p in digits])
    assert not len(near_duplicates(plain).copies.query)
    encoded = SmallPictures.joined([plain, _small([_file(p, format="JPEG", quality=75) for p in digits[:100]])])
    copies = near_duplicates(encoded).copies
    assert {*zip(copies.query.tolist(), copies.key.tolist(), strict=True)} == {(600 + i, i) for i in range(100)}


def test_blank_pictures_are_nobodys_copy():
    files = [_file(Image.new("RGB", (32, 32), (i % 4, 0, 250))) for i in range(40)]
    assert not len(near_duplicates(_small(files)).copies.query)


def test_another_colour_is_another_picture():
    scene = _scenes(1)[0].convert("L")
    tinted = [Image.merge("RGB", [scene.point(lambda v, k=k: min(255, int(v * k))) for k in t])
              for t in ((1.2, 0.9, 0.6), (0.6, 1.0, 1.6))]  # fmt: skip
    files = [_file(p) for p in [*_scenes(60, seed=3), *tinted]]
    assert not len(near_duplicates(_small(files)).copies.query)


def test_a_burst_of_more_copies_than_are_listed_is_one_group():
    scenes = _scenes(80)
    files = [_file(p) for p in scenes] + [_file(scenes[0], format="JPEG", quality=60 + 4 * i) for i in range(8)]
    copies = near_duplicates(_small(files)).copies
    named = {*copies.query.tolist(), *copies.key.tolist()}
    assert named == {0, *range(80, 88)}


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_pictures_give_no_pairs(n):
    pictures = _small([_file(p) for p in _scenes(n)])
    found = near_duplicates(pictures)
    assert len(found.copies.query) == 0
    assert len(near_copies(pictures, [], found.apart).query) == 0


@pytest.mark.parametrize("data", [b"", b"no picture", _file(_scenes(1)[0])[:60]])
def test_what_is_no_picture_is_not_read(data):
    assert shrink(data) is None


def test_hashes_differ_in_few_bits_after_encoding_and_in_half_of_them_between_pictures():
    scenes = _scenes(40)
    plain = perceptual_hash(_small([_file(p) for p in scenes]).gray)
    encoded = perceptual_hash(_small([CHANGES["as JPEG"](p) for p in scenes]).gray)
    assert np.bitwise_count(plain ^ encoded).max() <= 6
    assert 24 < np.bitwise_count(plain ^ np.roll(plain, 1)).mean() < 40


def test_candidates_are_those_that_a_full_comparison_finds():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, size=200).astype(np.uint64)
    near = hashes ^ (np.uint64(1) << rng.integers(0, 64, size=200).astype(np.uint64))
    query, key = candidate_pairs(near, hashes, same=False)
    assert set(range(200)) <= {q for q, k in zip(query.tolist(), key.tolist(), strict=True) if q == k}
    query, key = candidate_pairs(hashes, hashes, same=True)
    assert (key < query).all()


def test_distance_is_zero_for_the_same_and_symmetric():
    pictures = _small([_file(p) for p in _scenes(10)])
    other = pictures.at(np.roll(np.arange(10), 1))
    rows = np.arange(10)
    assert distances(pictures, pictures, rows, rows) == pytest.approx(np.zeros(10), abs=1e-3)
    assert distances(pictures, other, rows, rows) == pytest.approx(distances(other, pictures, rows, rows), abs=1e-6)
