"""What cards, PINs and the panel's key are sealed with: a data key of its own, under the terminal's master key.

The file holds that data key wrapped once for each master key that may open it: one key usually, and while a rotation
is under way the present and the next one, so that a kill at any moment leaves a master key that opens it.
"""

import logging
import os
import secrets
from contextlib import AbstractContextManager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daemon.drafts import write_whole
from daemon.errors import StoreError, WrongKeyError
from daemon.filelock import locked
from daemon.storage.masterkey import KEY_BYTES, KeySource
from daemon.storage.vault import NONCE_BYTES, TAG_BYTES, Cipher, derive

FILE_NAME = "door.key"
_LABEL = "auther door secrets"
_WRAPPED = NONCE_BYTES + KEY_BYTES + TAG_BYTES

log = logging.getLogger(__name__)


class SealFile:
    """The file with the wrapped data key; see `vault.Beside` for its part in a rotation."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, source: KeySource) -> Cipher:
        """The cipher, with a new key where there is no file.

        Raises WrongKeyError if no master key of the source opens it, StoreError if it can't be read or written.
        """
        with self.rotating():
            data_key = self._read(source)
            if data_key is None:
                source.create()
                data_key = secrets.token_bytes(KEY_BYTES)
                self._write(data_key, source)
            else:
                self._forget_old_keys(source)
        return Cipher(data_key=data_key)

    def rotating(self) -> AbstractContextManager[None]:
        """Within, no other process opens or covers the file. Raises StoreError."""
        return locked(self._path.with_name("door.lock"))

    def cover(self, source: KeySource) -> None:
        """Make every master key of the source open the file, and no other; without a file there is nothing to do.

        To be called within `rotating`. Raises as `open` does.
        """
        data_key = self._read(source)
        if data_key is not None:
            self._write(data_key, source)

    def _forget_old_keys(self, source: KeySource) -> None:
        contents = self._path.read_bytes()
        if len(contents) <= _WRAPPED * len(source.load()):
            return
        try:
            _unwrap(self._path, contents[-_WRAPPED:], source)
        except WrongKeyError:
            return  # given the old key only, it is not for us to lock the new one out
        try:
            self.cover(source)
        except StoreError as error:
            log.warning("a master key of before still opens the cards and PINs: %s", error)

    def _read(self, source: KeySource) -> bytes | None:
        try:
            return _unwrap(self._path, self._path.read_bytes(), source)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self._path}: can't be read: {error.strerror}; run as the daemon's user") from error

    def _write(self, data_key: bytes, source: KeySource) -> None:
        write_whole(self._path, b"".join(_wrap(data_key, master) for master in source.load()))


def _wrap(data_key: bytes, master: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(derive(master, _LABEL)).encrypt(nonce, data_key, _LABEL.encode())


def _unwrap(path: Path, contents: bytes, source: KeySource) -> bytes:
    copies = [contents[start : start + _WRAPPED] for start in range(0, len(contents), _WRAPPED)]
    for master in source.load():
        for copy in copies:
            try:
                opener = AESGCM(derive(master, _LABEL))
                return opener.decrypt(copy[:NONCE_BYTES], copy[NONCE_BYTES:], _LABEL.encode())
            except (InvalidTag, ValueError):
                continue
    raise WrongKeyError(
        f"{path}: the master key from {source.name} does not open it; give the key that it was made with, or move it"
        " and the files credentials, osdp.key and console-* away and enter cards, PINs, the panel's key and users again"
    )
