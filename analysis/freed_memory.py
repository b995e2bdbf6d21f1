"""Handing memory that is free again back to the system: the allocators keep it, and the next stage comes on top."""

import ctypes
import sys

import pyarrow as pa


def give_back() -> None:
    """Called between the stages of a run; does nothing for memory in use. Elsewhere than on Linux it frees less."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:  # glibc has it, musl does not
        trim(0)
