from pathlib import Path

import pytest

from daemon.errors import SiteKeyError
from daemon.sharing.site_key import SiteKey, create_site_key, find_site_key, parse_site_key, write_site_key

KEY = SiteKey(key=bytes(range(32)))


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "site.key"
    made = create_site_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert find_site_key(key_file=path, environ={}).site_id == made.site_id
    with pytest.raises(SiteKeyError, match="give --replace to renew it"):
        create_site_key(path)
    assert create_site_key(path, replace=True).site_id != made.site_id
    assert [each.name for each in path.parent.iterdir()] == ["site.key"]


def test_a_key_goes_to_another_terminal_as_text(tmp_path: Path) -> None:
    write_site_key(tmp_path / "site.key", parse_site_key(f" {KEY.text}\n", source="-"))
    assert find_site_key(key_file=tmp_path / "site.key", environ={}).text == KEY.text


def test_a_credential_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "auther-site-key").write_text(KEY.text)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert find_site_key(key_file=tmp_path / "none", environ=environ).site_id == KEY.site_id


def test_what_follows_from_a_key_never_changes() -> None:
    """Or terminals of two releases would not understand each other."""
    assert KEY.site_id == "e5a6c216e66e2535"
    assert KEY.person_hash("ada").hex() == "f631ff8231e27280704c0595c4efc013"
    assert KEY.content_digest(b"").hex() == "168f67742d174fde"
    assert KEY.transform_secret.hex()[:16] == "dfba4dd18aaf72fd"
    assert KEY.sealing_key.hex()[:16] == "ed2291d2aa0e2166"


@pytest.mark.parametrize("text", ["", "123456789abc", "zz" * 32, "00" * 31])
def test_what_is_no_key_is_told_without_repeating_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "site.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SiteKeyError, match="64 hexadecimal digits") as failure:
        find_site_key(key_file=path, environ={})
    assert not text or text not in str(failure.value)


def test_a_missing_key_and_one_open_to_others_are_told(tmp_path: Path) -> None:
    path = tmp_path / "site.key"
    with pytest.raises(SiteKeyError, match="auther site create-key"):
        find_site_key(key_file=path, environ={})
    path.write_bytes(b"\xff")
    with pytest.raises(SiteKeyError, match="it is not text"):
        find_site_key(key_file=path, environ={})
    path.write_text(KEY.text)
    path.chmod(0o640)
    with pytest.raises(SiteKeyError, match="mode 0640"):
        find_site_key(key_file=path, environ={})


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SiteKeyError, match="can't be written"):
        create_site_key(tmp_path / "file" / "site.key")


def test_a_key_of_another_size_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="expected 32 bytes"):
        SiteKey(key=b"short")
