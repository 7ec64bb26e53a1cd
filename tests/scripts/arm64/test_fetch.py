from pathlib import Path

import pytest

from scripts.arm64.fetch import Unavailable, building, run


def test_a_program_that_is_not_there_is_named_with_how_to_get_it() -> None:
    with pytest.raises(Unavailable, match="no-such-program is not installed: apt-get install something"):
        run(("no-such-program",), install="apt-get install something")


def test_a_program_that_fails_has_the_last_word() -> None:
    with pytest.raises(Unavailable, match=r"ended with status 3: E: no such suite"):
        run(("sh", "-c", "echo E: no such suite >&2; exit 3"))


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "sysroot"

    def half() -> None:
        with building(target) as draft:
            (draft / "usr").mkdir()
            raise Unavailable("the network is gone")

    with pytest.raises(Unavailable):
        half()
    assert list(target.parent.iterdir()) == []
    with building(target) as draft:
        (draft / "usr").mkdir()
    assert [path.name for path in target.parent.iterdir()] == ["sysroot"]
    assert (target / "usr").is_dir()
