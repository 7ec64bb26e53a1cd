"""The configuration file changed key by key."""

from pathlib import Path
from typing import Any

import pytest

from daemon.config.problems import ConfigInvalid
from daemon.config.settings import Settings, load, parse
from daemon.console.settings_file import ConfigReadOnly, SettingsFile, dangers

TEXT = """\
# The door on the east side.
[device]
id = "east"  # as on the plan

[door]
# The strike buzzes for so long.
pulse_seconds = 3.0   # s
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "auther.toml"
    path.write_text(TEXT)
    path.chmod(0o640)
    return path


def test_a_key_is_changed_and_every_comment_stays(path: Path) -> None:
    changed = SettingsFile(path=path).apply({"door.pulse_seconds": 5.5})
    assert path.read_text() == TEXT.replace("3.0", "5.5")
    assert (changed.before.door.pulse_seconds, changed.after.door.pulse_seconds) == (3.0, 5.5)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log.level", "debug"),
        ("door.held_open_seconds", 10),
        ("rules.anti_passback.mode", "soft"),
        ("rules.holidays", ["12-25", "2026-04-03"]),
        ("mqtt.username", 'a "name" # with = signs\n[x]'),
        ("liveness.also", []),
    ],
)
def test_keys_and_tables_that_are_not_there_yet_are_made(path: Path, name: str, value: Any) -> None:
    SettingsFile(path=path).apply({name: value})
    found: Any = load(path)
    for part in name.split("."):
        found = getattr(found, part)
    assert (list(found) if isinstance(found, tuple) else found) == value
    assert all(line in path.read_text() for line in TEXT.splitlines())


def test_a_table_of_a_back_end_names_it(path: Path) -> None:
    SettingsFile(path=path).apply({"camera.width": 1280})
    assert load(path).camera.model_dump()["width"] == 1280
    assert 'backend = "webcam"' in path.read_text()


def test_a_key_that_is_taken_out_has_its_default(path: Path) -> None:
    SettingsFile(path=path).apply({"door.pulse_seconds": None, "mqtt.username": None})
    assert load(path).door.pulse_seconds == Settings().door.pulse_seconds
    assert "pulse_seconds" not in path.read_text()
    assert "mqtt" not in path.read_text()


def test_nothing_is_written_when_anything_is_wrong(path: Path) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        SettingsFile(path=path).apply({"door.pulse_seconds": 900.0, "log.level": "loud", "device.id": "west"})
    assert {problem.key for problem in refused.value.problems} == {"door.pulse_seconds", "log.level"}
    assert path.read_text() == TEXT


def test_keys_that_must_fit_together_are_checked(path: Path) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        SettingsFile(path=path).apply({"policy.agreeing_frames": 9})
    (problem,) = refused.value.problems
    assert problem.key == "policy.agreeing_frames"
    assert "window_frames" in problem.message


def test_a_preview_writes_nothing(path: Path) -> None:
    assert SettingsFile(path=path).preview({"device.id": "west"}).after.device.id == "west"
    assert path.read_text() == TEXT


def test_the_file_behind_a_link_is_changed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    SettingsFile(path=link).apply({"device.id": "west"})
    assert link.is_symlink()
    assert load(path).device.id == "west"


def test_without_a_file_there_is_nothing_to_change() -> None:
    file = SettingsFile(path=None)
    assert file.read() == Settings()
    with pytest.raises(ConfigReadOnly, match="without a configuration file"):
        file.apply({"device.id": "west"})


def test_a_folder_that_can_t_be_written_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ConfigReadOnly, match="Read-only file system"):
        SettingsFile(path=path).apply({"device.id": "west"})
    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    ("after", "names"),
    [
        ({"api": {"enabled": False}}, ["api.enabled"]),
        ({"console": {"enabled": False}}, ["console.enabled"]),
        ({"api": {"port": 9443}}, ["api.port"]),
        ({"api": {"tls": False}}, ["api.host", "api.tls"]),
        ({"door": {"pulse_seconds": 5.0}}, []),
    ],
)
def test_what_would_lock_somebody_out_is_seen(after: dict[str, object], names: list[str]) -> None:
    before = parse({"api": {"host": "0.0.0.0"}}, source="test")
    kept = after if "tls" in str(after) else {**after, "api": {"host": "0.0.0.0", **dict(after.get("api", {}))}}  # type: ignore[call-overload]
    assert [name for name, _ in dangers(before, parse(kept, source="test"))] == names
