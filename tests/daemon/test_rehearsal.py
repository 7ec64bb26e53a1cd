"""What no start would get over is told before the terminal that runs is stopped for it."""

import sys
from pathlib import Path

import pytest

from daemon.config.settings import Settings, parse
from daemon.errors import ConfigError
from daemon.rehearsal import rehearse


def settings(**sections: object) -> Settings:
    return parse(sections, source="test")


def broker(**keys: object) -> dict[str, object]:
    return {"mqtt": {"enabled": True, **keys}}


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        (broker(ca_file="absent.pem"), r"mqtt\.ca_file: absent\.pem"),
        (broker(username="a", password_file="absent.txt"), r"mqtt\.password_file: absent\.txt"),
        (broker(command_key_file="absent.key"), r"mqtt\.command_key_file: absent\.key"),
        (broker() | {"sharing": {"enabled": True, "site_key_file": "absent.key"}}, "absent\\.key"),
        ({"vision": {"weights": "absent"}}, "absent"),
        ({"camera": {"backend": "replay", "path": "absent.avi"}}, "absent\\.avi"),
    ],
)
def test_what_is_not_there_is_named(sections: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        rehearse(settings(**sections), environ={}, as_daemon=False)


def test_a_broker_that_is_off_needs_no_files() -> None:
    rehearse(settings(mqtt={"ca_file": "absent.pem"}), environ={}, as_daemon=True)


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hw.gpiod_lines", None)
    monkeypatch.setitem(sys.modules, "hw.gpiod_inputs", None)
    strike = {"strike": {"backend": "gpiod", "line": "GPIO17"}}
    with pytest.raises(ConfigError, match=r"auther-embedded\[gpio\]"):
        rehearse(settings(door=strike), environ={}, as_daemon=True)
    contact = {"contact": {"backend": "gpiod", "line": "GPIO22"}}
    with pytest.raises(ConfigError, match=r"auther-embedded\[gpio\]"):
        rehearse(settings(door=contact), environ={}, as_daemon=True)


def test_only_the_terminal_itself_knows_whether_systemd_passes_the_site_s_key(tmp_path: Path) -> None:
    shared = settings(**broker(), sharing={"enabled": True}, storage={"folder": str(tmp_path)})
    rehearse(shared, environ={}, as_daemon=False)
    with pytest.raises(ConfigError, match=r"site\.key"):
        rehearse(shared, environ={}, as_daemon=True)
    (tmp_path / "auther-site-key").write_text("ab" * 32)
    rehearse(shared, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}, as_daemon=True)
