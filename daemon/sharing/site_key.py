"""The key of a site: 32 bytes that every terminal of it has, and nobody else.

From it come, by HKDF-SHA256 (RFC 5869) with a label each: the site's id, the keyed hashes that stand in topics for
person_ids, the key that people travel under, and the secret of the site's template transform.
"""

import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from daemon.drafts import sync_folder
from daemon.errors import SiteKeyError
from daemon.storage.vault import derive

KEY_BYTES = 32
HASH_BYTES = 16
CREDENTIAL = "auther-site-key"


class SiteKey:
    """What follows from a site's key. `site_id` is no secret: 16 hexadecimal digits, the same on all its terminals."""

    def __init__(self, *, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"key: expected {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self.site_id = derive(key, "auther site id")[:8].hex()
        self.sealing_key = derive(key, "auther site people")
        self.transform_secret = derive(key, "auther site transform")
        self._topics = derive(key, "auther site topics")
        self._contents = derive(key, "auther site contents")

    @property
    def text(self) -> str:
        """The key as it is written in a file: 64 hexadecimal digits."""
        return self._key.hex()

    def person_hash(self, person_id: str) -> bytes:
        """What stands in a topic for a person_id (16 bytes); it tells nothing to who lacks the key."""
        return hmac.digest(self._topics, person_id.encode(), sha256)[:HASH_BYTES]

    def content_digest(self, content: bytes) -> bytes:
        """A keyed hash (8 bytes) that two different contents of one moment are put in order by."""
        return hmac.digest(self._contents, content, sha256)[:8]


def find_site_key(*, key_file: Path, environ: Mapping[str, str]) -> SiteKey:
    """From systemd's credential `auther-site-key`, else from the file (mode 0600). Raises SiteKeyError."""
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(folder) / CREDENTIAL
        if credential.exists():
            return parse_site_key(_text(credential), source=str(credential))
    text = _text(key_file)
    if (mode := stat.S_IMODE(key_file.stat().st_mode)) & 0o077:
        raise SiteKeyError(
            f"{key_file}: mode {mode:04o} lets others at the site's key; expected 0600: run `chmod 600 {key_file}`"
        )
    return parse_site_key(text, source=str(key_file))


def create_site_key(key_file: Path, *, replace: bool = False) -> SiteKey:
    """Draw the key of a new site and write it. Raises SiteKeyError, also when there is one and `replace` is not set."""
    return write_site_key(key_file, SiteKey(key=secrets.token_bytes(KEY_BYTES)), replace=replace)


def write_site_key(key_file: Path, site: SiteKey, *, replace: bool = False) -> SiteKey:
    """Put a site's key into a file of mode 0600, whole or not at all. Raises SiteKeyError as `create_site_key`."""
    draft = key_file.with_name(f"{key_file.name}.{secrets.token_hex(4)}.draft")
    try:
        key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(site.text + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, key_file) if replace else os.link(draft, key_file)
            sync_folder(key_file.parent)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        if isinstance(error, FileExistsError) and key_file.exists():
            raise SiteKeyError(
                f"{key_file}: there is a site's key already, and the people shared under it would be left behind; "
                "give --replace to renew it"
            ) from None
        raise SiteKeyError(f"{key_file}: can't be written: {error.strerror}; run as the daemon's user") from error
    return site


def parse_site_key(text: str, *, source: str) -> SiteKey:
    """Read 64 hexadecimal digits. Raises SiteKeyError naming `source`, never what stands in it."""
    try:
        return SiteKey(key=bytes.fromhex(text.strip()))
    except ValueError:
        raise SiteKeyError(
            f"{source}: not a site's key; expected {2 * KEY_BYTES} hexadecimal digits, as `auther site show --secret` "
            "prints them on another terminal of the site"
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise SiteKeyError(
            f"{path}: the site's key is not there; make one with `auther site create-key` on the first terminal and "
            "give it to each other one with `auther site import`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SiteKeyError(f"{path}: the site's key can't be read: {reason}; run as the daemon's user") from None
