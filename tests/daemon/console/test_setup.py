"""The code of the first administrator."""

import re
from pathlib import Path

from daemon.console.setup import SetupCode
from tests.daemon.console.sealed import document


def test_it_is_one_code_for_every_process_until_it_is_used(tmp_path: Path) -> None:
    first, second = (SetupCode(document=document(tmp_path)) for _ in range(2))
    code = first.code()
    assert re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){2}[0-9a-hjkmnp-tv-z]{4}", code)
    assert second.code() == code
    second.forget()
    assert first.code() != code


def test_it_is_read_as_people_write_it(tmp_path: Path) -> None:
    setup = SetupCode(document=document(tmp_path))
    document(tmp_path).change(lambda _: {"code": "01abcdefghjk"})
    for typed in ("01ab-cdef-ghjk", "01ABCDEFGHJK", "oiAB cdef ghjk", "0lab-CDEF ghjk"):
        assert setup.matches(typed)
    for typed in ("", "01ab-cdef-ghj", "11ab-cdef-ghjk", "ä"):
        assert not setup.matches(typed)
