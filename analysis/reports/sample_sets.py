"""A set of samples as a short text that can be kept in JSON."""

import base64
import binascii
import zlib

import numpy as np

from analysis.arrays import IntArray

_MOST = 100_000_000  # samples; what claims more is no set of ours


def pack_samples(ids: IntArray) -> str:
    """Sample ids as text: one bit a sample up to the last, compressed, base64.

    Args:
        ids: Any order; ids that come twice count once.
    """
    mask = np.zeros(int(ids.max(initial=-1)) + 1, dtype=np.bool_)
    mask[ids] = True
    return base64.b64encode(zlib.compress(np.packbits(mask).tobytes(), 9)).decode("ascii")


def unpack_samples(text: str) -> IntArray:
    """The ids that `pack_samples` wrote, ascending.

    Raises:
        ValueError: If it wrote no such text.
    """
    try:
        unpacked = zlib.decompressobj()
        packed = unpacked.decompress(base64.b64decode(text, validate=True), _MOST // 8)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ValueError(f"this is no packed set of samples ({error})") from error
    return np.flatnonzero(np.unpackbits(np.frombuffer(packed, dtype=np.uint8)))
