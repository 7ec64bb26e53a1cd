from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.filelock import alone


def test_only_one_holds_the_lock_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "new" / "terminal.lock"
    for _ in range(2):
        with alone(path, refusal="stop it first"):
            with pytest.raises(StoreError, match="stop it first"), alone(path, refusal="stop it first"):
                pass
            with pytest.raises(StoreError, match="stop it first"), alone(path, refusal="stop it first"):
                pass
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_the_file_can_t_be_made_there_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "terminal.lock"
    with alone(path, refusal="no"), alone(path, refusal="no"):
        pass
