from pathlib import Path

import pytest

from daemon.errors import BackupError
from daemon.storage.backupfile import replacing


def test_where_no_file_can_be_made_the_path_is_named(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("no folder")
    message = r"letter/people\.csv: can't be written: Not a directory"
    with pytest.raises(BackupError, match=message), replacing(tmp_path / "letter" / "people.csv"):
        pass
