"""An encrypted file under a passphrase, written and read in pieces, and verified while it is read.

    magic (8) | log2 of scrypt's N (1) | salt (16) | nonce prefix (7) | pieces

The key is scrypt (RFC 7914) of the passphrase, with r = 8 and p = 1. A piece is up to 64 KiB under AES-256-GCM with
the nonce prefix | number (4, big-endian) | 1 for the last, else 0: the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizár 2015), by which a piece that is cut off, repeated or moved is noticed. The head is the pieces'
associated data.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from daemon.drafts import draft_of, sync_folder
from daemon.errors import BackupError

MAGIC = b"AUTHERB1"
LOG_COST = 16  # 64 MiB for each guess at the passphrase, a third of a second on a small board
LEAST_PASSPHRASE = 10

_HEAD = len(MAGIC) + 1 + 16 + 7
_PIECE = 64 * 1024
_TAG = 16


class SealedWriter:
    """Encrypts what is written; without `finish` the file can't be read."""

    def __init__(self, *, file: BinaryIO, passphrase: str, log_cost: int = LOG_COST) -> None:
        self._file = file
        self._head = MAGIC + bytes([log_cost]) + secrets.token_bytes(16 + 7)
        self._key = _key(passphrase, self._head)
        self._pending = bytearray()
        self._number = 0
        file.write(self._head)

    def write(self, plain: bytes) -> None:
        self._pending += plain
        while len(self._pending) > _PIECE:  # the last piece is never empty-handed: it is known only at the end
            self._put(bytes(self._pending[:_PIECE]), last=False)
            del self._pending[:_PIECE]

    def finish(self) -> None:
        self._put(bytes(self._pending), last=True)

    def _put(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._key.encrypt(_nonce(self._head, self._number, last), plain, self._head))
        self._number += 1


def read_sealed(file: BinaryIO, passphrase: str, name: str) -> Iterator[bytes]:
    """The pieces, each verified before it is given; the end of the iteration means that nothing was cut off.

    Raises BackupError naming the file for a wrong passphrase, for damage, and for another kind of file.
    """
    head = file.read(_HEAD)
    if len(head) < _HEAD or not head.startswith(MAGIC) or head[len(MAGIC)] > 20:
        raise BackupError(f"{name}: not a backup of this software, or its beginning is damaged; name another file")
    key = _key(passphrase, head)
    number, piece = 0, file.read(_PIECE + _TAG)
    while True:
        following = file.read(_PIECE + _TAG)
        try:
            yield key.decrypt(_nonce(head, number, not following), piece, head)
        except (InvalidTag, ValueError):
            wrong = "wrong passphrase, or damaged" if number == 0 else f"damaged or cut off near byte {number * _PIECE}"
            raise BackupError(f"{name}: {wrong}; nothing was restored. Try again, or use another backup") from None
        if not following:
            return
        number, piece = number + 1, following


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file of mode 0600 that takes the place of `path` when the context ends well, whole and synced.

    Raises BackupError naming the path when it can't be written; what was there before then stays.
    """
    draft = draft_of(path)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupError(
            f"{path}: can't be written: {error.strerror}; nothing was changed. Try another place"
        ) from error
    finally:
        with suppress(OSError):  # also where it could not be made: what went wrong is told above
            draft.unlink()


def _key(passphrase: str, head: bytes) -> AESGCM:
    if len(passphrase) < LEAST_PASSPHRASE:
        raise BackupError(f"passphrase: expected at least {LEAST_PASSPHRASE} characters")
    cost, salt = head[len(MAGIC)], head[len(MAGIC) + 1 :][:16]
    return AESGCM(Scrypt(salt=salt, length=32, n=2**cost, r=8, p=1).derive(passphrase.encode()))


def _nonce(head: bytes, number: int, last: bool) -> bytes:
    return head[-7:] + number.to_bytes(4, "big") + bytes([last])
