"""Memory that a scan walks through fast: an array in the system's huge pages."""

import mmap
from contextlib import suppress

import numpy as np
import numpy.typing as npt

HUGE_PAGE = 2 << 20
"""Bytes of a huge page on x86-64, and on arm64 with the usual 4 KiB pages."""


def in_huge_pages(rows: int, width: int) -> npt.NDArray[np.int8]:
    """An int8 array (rows, width) of zeros.

    The allocator's own memory comes from small pages that were used before, which the system doesn't join: a fresh
    mapping that asks for huge pages has them from its first byte on. Raises MemoryError.
    """
    size = rows * width
    if size < HUGE_PAGE:
        return np.zeros((rows, width), np.int8)
    try:
        mapping = mmap.mmap(-1, size + HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as error:
        raise MemoryError(f"{size} bytes for the gallery: {error.strerror}") from error
    with suppress(OSError):  # a kernel built without them has small pages, and a slower scan
        mapping.madvise(mmap.MADV_HUGEPAGE)
    everything = np.frombuffer(mapping, np.int8)
    start = -everything.ctypes.data % HUGE_PAGE
    return everything[start : start + size].reshape(rows, width)
