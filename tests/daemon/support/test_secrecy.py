"""What is taken out of texts."""

from pathlib import Path

from daemon.config.settings import Settings, parse
from daemon.support.secrecy import Scrubber, secrets_of


def test_secrets_and_accounts_in_addresses_are_replaced() -> None:
    scrub = Scrubber(["secret", "secret-and-more", "ab"])
    assert scrub("x secret-and-more y secret z ab") == "x *** y *** z ab"
    assert scrub("rtsp://me:pw@cam/1 and http://cam/2") == "rtsp://***@cam/1 and http://cam/2"


def test_the_secrets_come_from_files_credentials_and_variables(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("in-a-file\n")
    (tmp_path / "auther-site-key").write_text("in-a-credential")
    (tmp_path / "master.key").write_text("the-master")
    settings = parse(
        {"storage": {"folder": str(tmp_path)}, "mqtt": {"password_file": str(tmp_path / "password")}}, source="test"
    )
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "AUTHER_MASTER_KEY": "in-a-variable"}
    assert set(secrets_of(settings, environ)) == {"in-a-file", "in-a-credential", "in-a-variable", "the-master"}


def test_files_that_are_not_there_are_no_matter(tmp_path: Path) -> None:
    assert set(secrets_of(Settings.model_validate({"storage": {"folder": tmp_path}}), {})) == set()
