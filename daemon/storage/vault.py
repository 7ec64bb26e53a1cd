"""The keys of a store: a data key that encrypts the records, wrapped by the master key.

AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces, 2**32 records at most under one data key; sub-keys by
HKDF-SHA256 (RFC 5869) with a label each. The wrapped data key stands in the store, so that a new master key needs one
small change there.
"""

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from daemon.errors import WrongKeyError
from daemon.storage.masterkey import KEY_BYTES, KeySource

NONCE_BYTES = 12
TAG_BYTES = 16


class Unauthentic(Exception):
    """Bytes that were not encrypted under this key for this place: damaged, moved or forged."""


class Cipher:
    """Seals records and makes the blind index of names. Immutable, safe from any thread."""

    def __init__(self, *, data_key: bytes) -> None:
        self._records = AESGCM(derive(data_key, "auther store records"))
        self._index = derive(data_key, "auther store index")

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Nonce, ciphertext and tag. Only `open` with the same `bound_to` accepts them."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._records.encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises Unauthentic."""
        try:
            return self._records.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError, TypeError):
            raise Unauthentic from None

    def tag(self, kind: str, name: str) -> bytes:
        """A keyed hash (16 bytes) by which a name is found again; it tells nothing to who lacks the key."""
        return hmac.digest(self._index, f"{kind}\0{name}".encode(), sha256)[:TAG_BYTES]


@dataclass(frozen=True)
class NewKey:
    """A fresh data key, and what the store keeps of it."""

    wrapped: bytes
    cipher: Cipher


class Beside(Protocol):
    """Another file whose key is wrapped by the same master key, and so has a part in its rotation."""

    def rotating(self) -> AbstractContextManager[None]:
        """Within, nobody else wraps the file's key. Raises StoreError."""

    def cover(self, source: KeySource) -> None:
        """Make every master key of the source open the file, and no other. Raises StoreError, WrongKeyError."""


class Vault:
    """Unwraps data keys with the master key of a source."""

    def __init__(self, *, source: KeySource, beside: Beside | None = None) -> None:
        self._source, self._beside = source, beside

    def create(self) -> NewKey:
        """A data key for a new store, under the source's key. Raises StoreError."""
        return _wrap(self._source.create())

    def stage(self) -> NewKey:
        """A data key under the source's next master key, which is durable from here on. Raises StoreError.

        Like `settle` it is for the one process that holds the store's write lock: two at once could lose a key. What
        lies beside the store is readable under both keys when this returns.
        """
        master = self._source.stage()
        if self._beside is not None:
            self._beside.cover(self._source)
        return _wrap(master)

    @contextmanager
    def rotating(self) -> Iterator[None]:
        """Around a whole rotation; when it is over, old keys open nothing beside the store. Raises StoreError."""
        if self._beside is None:
            yield
            return
        with self._beside.rotating():
            yield
            self._beside.cover(self._source)

    def settle(self, wrapped: bytes, path: str) -> None:
        """Make the master key of a store's committed data key the present one. Raises StoreError, WrongKeyError."""
        self._source.settle(self._open(wrapped, path)[0])

    def unsettled(self) -> bool:
        """Whether there is a next key, of a rotation that goes on or was killed. Raises StoreError."""
        return len(self._source.load()) > 1

    def unwrap(self, wrapped: bytes, path: str) -> Cipher:
        """The cipher of a store's wrapped data key.

        Raises WrongKeyError naming the store's `path` and the key, StoreError where there is no key.
        """
        return Cipher(data_key=self._open(wrapped, path)[1])

    def _open(self, wrapped: bytes, path: str) -> tuple[bytes, bytes]:
        for master in self._source.load():
            try:
                opener = AESGCM(derive(master, _WRAPPING))
                return master, opener.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _WRAPPING.encode())
            except (InvalidTag, ValueError):
                continue
        raise WrongKeyError(
            f"{path}: the master key from {self._source.name} is not this store's; nothing was changed. "
            "Give the key that the store was made with, or move the store away and restore a backup"
        )


_WRAPPING = "auther store data key"


def _wrap(master: bytes) -> NewKey:
    data_key = secrets.token_bytes(KEY_BYTES)
    nonce = os.urandom(NONCE_BYTES)
    wrapped = nonce + AESGCM(derive(master, _WRAPPING)).encrypt(nonce, data_key, _WRAPPING.encode())
    return NewKey(wrapped, Cipher(data_key=data_key))


def derive(secret: bytes, label: str) -> bytes:
    """A 32-byte sub-key of a secret for one purpose (HKDF-SHA256 with `label` as info)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive(secret)
