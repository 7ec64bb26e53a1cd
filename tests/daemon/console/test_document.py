"""Sealed files that several processes change."""

import threading
from pathlib import Path

import pytest

from daemon.errors import StoreError
from tests.daemon.console.sealed import document


def test_what_was_written_is_read_by_others(tmp_path: Path) -> None:
    first, second = document(tmp_path), document(tmp_path)
    assert first.read() == {}
    first.change(lambda _: {"a": 1})
    assert second.read() == {"a": 1}
    second.change(lambda known: {**known, "b": 2})
    assert first.read() == {"a": 1, "b": 2}


def test_it_is_for_its_owner_and_tells_nothing(tmp_path: Path) -> None:
    document(tmp_path).change(lambda _: {"secret": "walnut"})
    assert (tmp_path / "document").stat().st_mode & 0o777 == 0o600
    assert b"walnut" not in (tmp_path / "document").read_bytes()


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    kept = document(tmp_path)
    kept.change(lambda _: {"a": 1})

    def fail(_: object) -> dict[str, object]:
        raise KeyError("no")

    with pytest.raises(KeyError):
        kept.change(fail)
    assert document(tmp_path).read() == {"a": 1}


@pytest.mark.parametrize("spoil", [b"", b"garbage", b"\0" * 100])
def test_damage_is_told_with_the_way_out(tmp_path: Path, spoil: bytes) -> None:
    (tmp_path / "document").write_bytes(spoil)
    with pytest.raises(StoreError, match="damaged or was made with another key"):
        document(tmp_path).read()


def test_another_key_and_another_file_s_content_are_refused(tmp_path: Path) -> None:
    document(tmp_path).change(lambda _: {"a": 1})
    with pytest.raises(StoreError):
        document(tmp_path, key=bytes([1] * 32)).read()
    (tmp_path / "other").write_bytes((tmp_path / "document").read_bytes())
    with pytest.raises(StoreError):
        document(tmp_path, "other").read()


def test_no_change_of_many_at_once_is_lost(tmp_path: Path) -> None:
    def add(number: int) -> None:
        mine = document(tmp_path)
        for step in range(10):
            mine.change(lambda known: {**known, f"{number} {step}": True})  # noqa: B023

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(document(tmp_path).read()) == 80
