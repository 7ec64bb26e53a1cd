from pathlib import Path

import pytest

from daemon.config.settings import Mqtt
from daemon.errors import ConfigError
from daemon.mqtt.secrets_file import COMMAND_KEY_CREDENTIAL, PASSWORD_CREDENTIAL, command_key, password


def settings(**fields: object) -> Mqtt:
    return Mqtt.model_validate(fields)


def test_without_files_there_is_no_secret() -> None:
    assert password(settings(), {}) is None
    assert command_key(settings(), {}) is None


def test_the_first_line_of_the_file_is_the_secret(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pass word \nmore\n")
    (tmp_path / "key").write_text("k" * 32 + "\n")
    assert password(settings(password_file=tmp_path / "password"), {}) == "pass word "
    assert command_key(settings(command_key_file=tmp_path / "key"), {}) == b"k" * 32


def test_a_systemd_credential_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / PASSWORD_CREDENTIAL).write_text("credential")
    (tmp_path / COMMAND_KEY_CREDENTIAL).write_text("c" * 40)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert password(settings(password_file=tmp_path / "absent"), environ) == "credential"
    assert command_key(settings(), environ) == b"c" * 40


@pytest.mark.parametrize(
    ("content", "said"), [(None, "can't be read"), (b"", "empty"), (b"\n", "empty"), (b"\xff", "UTF-8")]
)
def test_a_useless_file_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(ConfigError, match=rf"mqtt\.password_file: .*secret.*{said}"):
        password(settings(password_file=tmp_path / "secret"), {})


def test_a_short_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2")
    with pytest.raises(ConfigError, match="7 characters, at least 32") as caught:
        command_key(settings(command_key_file=tmp_path / "key"), {})
    assert "hunter2" not in str(caught.value)
