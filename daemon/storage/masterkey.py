"""Where a store's master key comes from: systemd's credentials, the environment, or a file.

The first of these that is there is used, and the others are not looked at:

1. `$CREDENTIALS_DIRECTORY/auther-master-key` (`LoadCredentialEncrypted=auther-master-key` in the unit;
systemd.exec(5)), 2. the environment's `AUTHER_MASTER_KEY`, 3. the key file, `storage.key_file` or `master.key` in the
store's folder.

A key is 32 bytes, written as 64 hexadecimal digits or in Base64; a credential may hold the bare bytes.
"""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from daemon.config.settings import Storage
from daemon.drafts import draft_of, sync_folder
from daemon.errors import StoreError

KEY_BYTES = 32
CREDENTIAL = "auther-master-key"
VARIABLE = "AUTHER_MASTER_KEY"


class KeySource(Protocol):
    """A place that a master key comes from."""

    @property
    def name(self) -> str:
        """The place, for messages."""

    def load(self) -> tuple[bytes, ...]:
        """The key, then the next one where a rotation is under way. Raises StoreError."""

    def create(self) -> bytes:
        """The key for a new store; the one there is, where there is one. Raises StoreError."""

    def stage(self) -> bytes:
        """Keep a next key durably beside the present one, which stays. One process at a time. Raises StoreError."""

    def settle(self, key: bytes) -> None:
        """The store is under `key` now: make it the present one. One process at a time. Raises StoreError."""


@dataclass(frozen=True)
class GivenKey:
    """A key that somebody else keeps: it can't be replaced from here.

    To rotate it, give the new one beside it as `next_key`; once the store is rotated, give only the new one.
    """

    name: str
    key: bytes = field(repr=False)
    next_key: bytes | None = field(default=None, repr=False)

    def load(self) -> tuple[bytes, ...]:
        return (self.key,) if self.next_key is None else (self.key, self.next_key)

    def create(self) -> bytes:
        return self.key

    def stage(self) -> bytes:
        return self.next_key or self.key

    def settle(self, key: bytes) -> None:
        """Nothing to do here: whoever gives the key has to give the new one."""


@dataclass(frozen=True)
class KeyFile:
    """A key in a file of mode 0600. During a rotation the next key stands in `<path>.next`."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def load(self) -> tuple[bytes, ...]:
        if not self.path.exists():
            raise StoreError(
                f"{self.path}: the store's master key is not there; put the file back from where it is kept "
                f"(also looked at: the credential {CREDENTIAL}, {VARIABLE}). Without it the store can't be read"
            )
        # The next one first: taking the present one's place between the two reads, it is read twice, not missed.
        following = self._read_next()
        present = _read(self.path)
        return (present,) if following is None else (present, following)

    def create(self) -> bytes:
        if not self.path.exists():
            _write_new(self.path)
        return _read(self.path)

    def stage(self) -> bytes:
        if not self._next.exists():
            _write_new(self._next)
        return _read(self._next)

    def settle(self, key: bytes) -> None:
        if self._read_next() != key:
            return
        try:
            os.replace(self._next, self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise StoreError(
                f"{self._next}: can't take the place of {self.path}: {error.strerror}; keep both"
            ) from error

    def _read_next(self) -> bytes | None:
        try:
            self._next.stat()
            return _read(self._next)
        except FileNotFoundError:
            return None

    @property
    def _next(self) -> Path:
        return self.path.with_name(self.path.name + ".next")


def find_key(*, key_file: Path, environ: Mapping[str, str]) -> KeySource:
    """The first source that is there, in the order above. Raises StoreError for a malformed one."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and (credential := Path(folder) / CREDENTIAL).exists():
        following = credential.with_name(CREDENTIAL + "-next")
        next_key = _decode(_bytes_of(following), str(following)) if following.exists() else None
        return GivenKey(str(credential), _decode(_bytes_of(credential), str(credential)), next_key)
    if text := environ.get(VARIABLE):
        following_text = environ.get(VARIABLE + "_NEXT")
        next_key = _decode(following_text.encode(), VARIABLE + "_NEXT") if following_text else None
        return GivenKey(f"environment variable {VARIABLE}", _decode(text.encode(), VARIABLE), next_key)
    return KeyFile(key_file)


def find_store_key(storage: Storage, *, environ: Mapping[str, str]) -> KeySource:
    """Where a configured store's master key comes from. Raises StoreError."""
    return find_key(key_file=storage.key_file or storage.folder / "master.key", environ=environ)


def _read(path: Path) -> bytes:
    data = _bytes_of(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise StoreError(
            f"{path}: mode {mode:04o} lets others at the master key; expected 0600: run `chmod 600 {path}`"
        )
    return _decode(data, str(path))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"{path}: the master key can't be read: {error.strerror}; run as the daemon's user") from error


def _write_new(path: Path) -> None:
    # Written under another name first: a kill or a full disk never leaves half a key where a whole one is looked for.
    draft = draft_of(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            os.unlink(draft)
        sync_folder(path.parent)
    except FileExistsError:
        return  # another process was first: its key is the one
    except OSError as error:
        raise StoreError(f"{path}: the master key can't be written: {error.strerror}") from error


def _decode(data: bytes, name: str) -> bytes:
    if len(data) == KEY_BYTES:
        return data
    text = data.strip()
    try:
        key = (
            bytes.fromhex(text.decode("ascii")) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
        )
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise StoreError(f"{name}: not a master key; expected {KEY_BYTES} bytes as 64 hexadecimal digits or Base64")
    return key
