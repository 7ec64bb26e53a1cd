import numpy as np
import pytest

from daemon.gallery.pages import HUGE_PAGE, in_huge_pages


@pytest.mark.parametrize("rows", [1, 100, HUGE_PAGE // 513 + 1, 3 * HUGE_PAGE // 513])
def test_it_is_an_array_like_any_other(rows: int) -> None:
    array = in_huge_pages(rows, 513)
    assert (array.shape, array.dtype) == ((rows, 513), np.int8)
    assert array.flags.c_contiguous
    assert not array.any()
    array[:] = 7
    assert array.sum(dtype=np.int64) == 7 * rows * 513


def test_a_large_one_begins_with_a_page() -> None:
    assert in_huge_pages(HUGE_PAGE // 513 + 1, 513).ctypes.data % HUGE_PAGE == 0


def test_its_memory_lives_as_long_as_a_part_of_it() -> None:
    part = in_huge_pages(10_000, 513)[9_999:]
    others = [in_huge_pages(10_000, 513) for _ in range(5)]
    for other in others:
        other[:] = 1
    assert not part.any()


def test_what_does_not_fit_in_memory_is_told_as_such() -> None:
    with pytest.raises(MemoryError, match="for the gallery"):
        in_huge_pages(2**40, 2**20)
