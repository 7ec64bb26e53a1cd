import math
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from daemon.config.settings import Settings, load, parse
from daemon.errors import ConfigError


def mistakes(data: dict[str, object]) -> list[str]:
    """The lines of the refusal, without the first."""
    with pytest.raises(ConfigError) as refusal:
        parse(data, source="auther.toml")
    first, *rest = str(refusal.value).splitlines()
    assert first.startswith("auther.toml: ")
    return [line.strip() for line in rest]


def test_an_empty_file_is_the_defaults() -> None:
    assert parse({}, source="auther.toml") == Settings()


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "auther.toml"
    path.write_text(
        """
        [device]
        id = "front"
        [camera]
        backend = "replay"
        path = "walk.mp4"
        realtime = false
        [policy]
        cooldown_seconds = 3
        [liveness]
        also = ["blink"]
        [door.strike]
        backend = "gpiod"
        line = "GPIO17"
        [mqtt]
        commands = ["health", "unlock"]
        """
    )
    settings = load(path)
    assert settings.device.id == "front"
    assert settings.camera.model_dump()["path"] == Path("walk.mp4")
    assert settings.policy.cooldown_seconds == 3.0
    assert settings.liveness.also == ("blink",)
    assert settings.door.strike.model_dump() == {
        "backend": "gpiod",
        "chip": "/dev/gpiochip0",
        "line": "GPIO17",
        "active_low": False,
    }
    assert settings.mqtt.commands == ("health", "unlock")


@pytest.mark.parametrize(
    ("data", "key", "what"),
    [
        ({"doors": {}}, "doors", "unknown key"),
        ({"door": {"pulse": 1}}, "door.pulse", "unknown key"),
        ({"camera": {"backend": "webcam", "path": "x"}}, "camera.path", "unknown key"),
        ({"door": {"pulse_seconds": "3"}}, "door.pulse_seconds", "number, not '3'"),
        ({"policy": {"agreeing_frames": True}}, "policy.agreeing_frames", "integer, not True"),
        ({"policy": {"agreeing_frames": 2.5}}, "policy.agreeing_frames", "integer, not 2.5"),
        ({"policy": {"fpir": 1}}, "policy.fpir", "less than or equal to 0.1, not 1"),
        ({"policy": {"margin": math.nan}}, "policy.margin", "finite number"),
        ({"policy": {"cooldown_seconds": math.inf}}, "policy.cooldown_seconds", "finite number"),
        ({"door": {"pulse_seconds": 0}}, "door.pulse_seconds", "0.1"),
        ({"door": {"pulse_seconds": 61}}, "door.pulse_seconds", "60"),
        ({"device": {"id": "front door"}}, "device.id", "pattern"),
        ({"device": 5}, "device", "dictionary"),
        ({"camera": {"backend": "replay"}}, "camera.path", "missing"),
        (
            {"camera": {"backend": "polaroid"}},
            "camera.backend",
            "'webcam', 'picamera2', 'argus', 'gstreamer', 'replay'",
        ),
        ({"camera": {}}, "camera.backend", "back ends"),
        ({"camera": {"backend": "webcam", "source": -1}}, "camera.source", "greater than or equal to 0"),
        ({"door": {"strike": {"backend": "gpiod"}}}, "door.strike.line", "missing"),
        ({"door": {"strike": {"backend": "gpiod", "line": -4}}}, "door.strike.line", "not -4"),
        ({"liveness": {"level": "lax"}}, "liveness.level", "'convenience', 'standard' or 'strict'"),
        ({"liveness": {"also": ["blonk"]}}, "liveness.also.0", "'blink' or 'depth'"),
        ({"mqtt": {"commands": ["health", "dance"]}}, "mqtt.commands.1", "not 'dance'"),
        ({"mqtt": {"base_topic": "a/#"}}, "mqtt.base_topic", "pattern"),
        ({"vision": {"weights": 5}}, "vision.weights", "path"),
        ({"policy": {"agreeing_frames": 9}}, "policy.agreeing_frames", "at most window_frames, which is 5, not 9"),
        ({"policy": {"window_frames": 2}}, "policy.agreeing_frames", "at most window_frames, which is 2, not 3"),
        ({"quality": {"min_brightness": 230}}, "quality.min_brightness", "at most max_brightness"),
        ({"liveness": {"threshold": 0.1}}, "liveness.spoof_threshold", "at most threshold, which is 0.1"),
        ({"liveness": {"also": ["blink", "depth"]}}, "liveness.also", "'webcam' gives no depth"),
        ({"mqtt": {"enabled": True, "host": "broker.example"}}, "mqtt.host", "or mqtt.allow_plaintext = true"),
        ({"mqtt": {"enabled": True, "client_cert_file": "a.crt"}}, "mqtt.client_cert_file", "only of use with TLS"),
    ],
)
def test_every_mistake_names_its_key_as_it_stands_in_the_file(data: dict[str, object], key: str, what: str) -> None:
    lines = mistakes(data)
    assert all(line.startswith(f"{key}: ") for line in lines), lines
    assert any(what in line for line in lines), lines


@pytest.mark.parametrize("change", [{"allow_plaintext": True}, {"ca_file": "ca.pem"}, {"enabled": False}])
def test_a_broker_elsewhere_needs_tls_or_plaintext_that_is_allowed(
    change: dict[str, object],
) -> None:
    settings = parse({"mqtt": {"enabled": True, "host": "broker.example", **change}}, source="auther.toml")
    assert settings.mqtt.host == "broker.example"


def test_all_mistakes_are_told_at_once() -> None:
    lines = mistakes({"device": {"id": ""}, "door": {"pulse": 1}, "log": {"level": "loud"}})
    assert [line.split(":")[0] for line in lines] == ["device.id", "door.pulse", "log.level"]


def test_a_missing_file_names_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: no such file; name one with --config"):
        load(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("content", "what"), [(b"[door", "not valid TOML"), (b"a = 1\na = 2", "not valid TOML"), (b"\xff\xfe", "read")]
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "auther.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"auther\.toml: .*{what}"):
        load(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read"):
        load(tmp_path)


def sections_of(kind: object) -> list[type[BaseModel]]:
    """The tables that a key may hold, through unions and annotations."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [section for part in get_args(kind) for section in sections_of(part)]


def test_every_key_is_documented_and_settings_are_frozen() -> None:
    def undocumented(model: type[BaseModel], path: str) -> list[str]:
        names = []
        for name, field in model.model_fields.items():
            sections = sections_of(field.annotation)
            for section in sections:
                names += undocumented(section, f"{path}{name}.")
            if not (sections or field.description or name == "backend"):
                names.append(f"{path}{name}")
        return names

    assert undocumented(Settings, "") == []
    with pytest.raises(ValueError, match="frozen"):
        Settings().door.pulse_seconds = 60.0
