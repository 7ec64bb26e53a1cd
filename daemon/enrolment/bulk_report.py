"""The pictures and people that a bulk enrolment refused, as a table for whoever has to take new pictures."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from daemon.errors import PictureError, Refusal
from daemon.storage.export import cell

COLUMNS = ("person_id", "enrolled", "picture", "code", "reason")


class RefusalReport:
    """CSV (RFC 4180) of mode 0600, a line for each refused picture, on disk with each person.

    What is not UTF-8 in a file's name stands there as its escape: a name is no reason to stop.
    `again` goes on with the file of an interrupted run. Raises PictureError when it can't be written.
    """

    def __init__(self, *, path: Path, again: bool) -> None:
        self._path = path
        try:
            flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if again else os.O_TRUNC)
            descriptor = os.open(path, flags, 0o600)
            self._file = os.fdopen(descriptor, "w", newline="", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise PictureError(f"{path}: the report can't be written: {error.strerror}; name another place") from error
        self._writer = csv.writer(self._file)
        if path.stat().st_size == 0:
            self._writer.writerow(COLUMNS)

    def put(self, person_id: str, refused: Sequence[Refusal], *, enrolled: bool) -> None:
        """Add what was refused of one person; `enrolled` when other pictures were good enough."""
        try:
            for one in refused:
                row = (person_id, "yes" if enrolled else "no", one.name, one.code, one.message)
                self._writer.writerow([cell(text) for text in row])
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise PictureError(f"{self._path}: the report can't be written: {error.strerror}") from error

    def close(self) -> None:
        self._file.close()
