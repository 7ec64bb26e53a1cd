"""How far a bulk enrolment has come, on disk: after a kill or a power cut the next run goes on there."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from daemon.enrolment.portraits import Portraits
from daemon.errors import StoreError

_BEGUN, _ENDED = "begun", "ended"


class BulkProgress:
    """A file of one line for each step, in keyed hashes: who reads it learns how many, not who.

    A person is known again with the same picture files only; with others they are new. Raises StoreError.
    """

    def __init__(self, *, path: Path, keyed: Callable[[str], str]) -> None:
        self._path = path
        self._keyed = keyed
        with_step: dict[str, set[str]] = {_BEGUN: set(), _ENDED: set()}
        try:
            lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{path}: can't be used: {error}; remove it to begin anew") from error
        for line in lines:  # the last may be cut short: it then names nobody
            step, _, key = line.partition(" ")
            with_step.get(step, set()).add(key)
        self._begun, self._ended = with_step[_BEGUN], with_step[_ENDED]
        # What is written next must not hang on to such a line.
        self._write("")

    @property
    def resumed(self) -> bool:
        """True when an earlier run was interrupted."""
        return bool(self._begun)

    def ended(self, portraits: Portraits) -> bool:
        """Whether an earlier run has finished with this person, enrolled or refused."""
        return self._key(portraits) in self._ended

    def begun(self, portraits: Portraits) -> bool:
        """Whether an earlier run may have enrolled this person without coming to say so."""
        return self._key(portraits) in self._begun

    def begin(self, portraits: Portraits) -> None:
        """To be called only for who is not enrolled or may be replaced: the next run will replace them."""
        self._write(f"{_BEGUN} {self._key(portraits)}")

    def end(self, portraits: Portraits) -> None:
        self._write(f"{_ENDED} {self._key(portraits)}")

    def close(self, *, finished: bool) -> None:
        """Once everything is `finished` nothing is left to go on with."""
        os.close(self._file)
        if finished:
            self._path.unlink(missing_ok=True)

    def _write(self, line: str) -> None:
        try:
            os.write(self._file, f"{line}\n".encode("ascii"))
            os.fsync(self._file)
        except OSError as error:
            raise StoreError(f"{self._path}: can't be written: {error.strerror}; free some space") from error

    def _key(self, portraits: Portraits) -> str:
        files = [[file.name, *_stamp(file)] for file in portraits.files]
        return self._keyed(json.dumps([portraits.person_id, files]))


def progress_path(folder: Path, source: Path) -> Path:
    """Where in the store's folder the progress of enrolling from `source` stands."""
    return folder / f"enrolling-{hashlib.sha256(os.fsencode(source.resolve())).hexdigest()[:16]}.progress"


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_size, status.st_mtime_ns)
