"""What cards, PINs and the panel's key are sealed with: a data key of its own, under the terminal's master key."""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daemon.errors import StoreError, WrongKeyError
from daemon.masterkey import KeySource
from daemon.rules_credentials import write_whole
from daemon.vault import Cipher, derive

NONCE_BYTES = 12
_LABEL = "auther door secrets"


def open_seal(path: Path, source: KeySource) -> Cipher:
    """The cipher whose key lies wrapped in a file, made where there is none.

    Raises WrongKeyError if no master key of the source opens it, StoreError if it can't be read or written.
    """
    try:
        wrapped = path.read_bytes()
    except FileNotFoundError:
        data_key = secrets.token_bytes(32)
        write_whole(path, wrap(data_key, source.create()))
        return Cipher(data_key=data_key)
    except OSError as error:
        raise StoreError(f"{path}: can't be read: {error.strerror}; run as the daemon's user") from error
    return Cipher(data_key=_unwrap(path, wrapped, source))


def rewrap(path: Path, source: KeySource, master: bytes) -> None:
    """Put the file under another master key, as a part of a rotation; without a file there is nothing to do.

    Raises as `open_seal` does.
    """
    if path.exists():
        write_whole(path, wrap(_unwrap(path, path.read_bytes(), source), master))


def wrap(data_key: bytes, master: bytes) -> bytes:
    """The data key, sealed with the master key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(derive(master, _LABEL)).encrypt(nonce, data_key, _LABEL.encode())


def _unwrap(path: Path, wrapped: bytes, source: KeySource) -> bytes:
    for master in source.load():
        try:
            return AESGCM(derive(master, _LABEL)).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _LABEL.encode())
        except (InvalidTag, ValueError):
            continue
    raise WrongKeyError(
        f"{path}: the master key from {source.name} does not open it; give the key that it was made with, or move it"
        " and the file credentials away and enter cards, PINs and the panel's key again"
    )
