"""One JSON document in a sealed file that several processes may change: the daemon and the command line."""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from daemon.drafts import write_whole
from daemon.errors import StoreError
from daemon.filelock import locked
from daemon.storage.vault import Cipher, Unauthentic

Content = Mapping[str, Any]
_EMPTY: Content = MappingProxyType({})


class SealedDocument:
    """Any thread may call; every method raises StoreError when the file can't be used or was sealed with another key.

    What stands in the file is an object by names; where there is no file it is empty.
    """

    def __init__(self, *, path: Path, seal: Cipher) -> None:
        self._path, self._seal = path, seal
        self._lock = threading.Lock()
        self._version: tuple[int, int, int] | None = None
        self._content = _EMPTY

    def read(self) -> Content:
        """As it is now, whoever changed it; the disk is read only when somebody did."""
        with self._lock:
            return self._refreshed()

    def change(self, change: Callable[[Content], Content]) -> Content:
        """Put what `change` makes of the content in its place, on disk when this returns; gives it."""
        with self._lock, locked(self._path.with_name(f"{self._path.name}.lock")):
            before = self._refreshed()
            after = change(before)
            if after != before:
                write_whole(self._path, self._seal.seal(json.dumps(after).encode(), self._bound_to))
                self._version, self._content = self._stat(), MappingProxyType(dict(after))
            return self._content

    @property
    def _bound_to(self) -> bytes:
        return f"auther {self._path.name} 1".encode()

    def _refreshed(self) -> Content:
        # The version first: what is written between the two is read again next time, not missed.
        version = self._stat()
        if version != self._version:
            self._content = self._load() if version is not None else _EMPTY
            self._version = version
        return self._content

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self._path}: can't be read: {error.strerror}; run as the daemon's user") from error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _load(self) -> Content:
        try:
            content = json.loads(self._seal.open(self._path.read_bytes(), self._bound_to))
        except OSError as error:
            raise StoreError(f"{self._path}: can't be read: {error.strerror}; run as the daemon's user") from error
        except (Unauthentic, ValueError) as error:
            raise StoreError(
                f"{self._path}: is damaged or was made with another key; restore it, or move it away and make the"
                " console's users again"
            ) from error
        return MappingProxyType(content)
