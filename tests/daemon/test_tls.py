from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.tls import ensure_signing_key


def test_a_key_that_can_t_be_written_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("no folder")
    with pytest.raises(StoreError, match=r"signing\.key: can't be written: Not a directory"):
        ensure_signing_key(tmp_path / "letter" / "signing.key")
