"""`auther keys` beside an audit trail that takes no line."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daemon.cli import main


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "auther.toml"
    path.write_text(f"[storage]\nfolder = {json.dumps(str(tmp_path / 'store'))}\n", encoding="utf-8")
    return path


def keys(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "keys", *arguments])


def break_trail(config: Path) -> None:
    with sqlite3.connect(config.parent / "store" / "audit.db") as db:
        db.execute("UPDATE ends SET seal = zeroblob(32)")
    db.close()


def test_a_key_is_shown_although_the_audit_trail_takes_no_line(config: Path) -> None:
    assert keys(config, "create", "first", "--may", "identify").exit_code == 0
    break_trail(config)
    made = keys(config, "create", "second", "--may", "identify", "--json")
    assert made.exit_code == 1
    assert json.loads(made.stdout)["key"]
    assert "create key second: done, but no line in the audit trail says so" in made.stderr
    revoked = keys(config, "revoke", "second")
    assert (revoked.exit_code, revoked.stdout) == (1, "second: revoked\n")
    assert "revoke key second: done, but" in revoked.stderr
