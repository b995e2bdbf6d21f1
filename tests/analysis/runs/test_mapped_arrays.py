"""The same arrays as numpy reads, without reading them."""

import numpy as np
import pytest

from analysis.runs.atomic import write_arrays
from analysis.runs.mapped_arrays import mapped_arrays


@pytest.mark.parametrize("packed", [False, True])
def test_same_as_numpy(tmp_path, packed):
    arrays = {
        "index": np.arange(12, dtype=np.int32).reshape(4, 3),
        "similarity": np.asfortranarray(np.random.default_rng(0).random((5, 2))),
        "none": np.zeros((0, 15), dtype=np.float32),
        "one": np.float32(3),
    }
    file = tmp_path / "arrays.npz"
    np.savez_compressed(file, **arrays) if packed else write_arrays(file, arrays)

    found = mapped_arrays(file)

    assert found.keys() == arrays.keys()
    for name, values in arrays.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype
    assert isinstance(found["index"], np.memmap) != packed


def test_objects_are_refused(tmp_path):
    np.savez(tmp_path / "arrays.npz", values=np.array([{}], dtype=object))

    with pytest.raises(ValueError, match="objects in values"):
        mapped_arrays(tmp_path / "arrays.npz")
