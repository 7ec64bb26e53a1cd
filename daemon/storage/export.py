"""The people as a table for other programs: no templates, nothing that a face could be compared with."""

import csv
from collections.abc import Iterable
from datetime import datetime
from typing import TextIO

from daemon.storage.people import Person

COLUMNS = ("person_id", "state", "created", "updated", "valid_from", "valid_until", "groups", "templates")


def export_people(people: Iterable[Person], file: TextIO) -> int:
    """Write CSV (RFC 4180) with a head line, times in ISO 8601 and groups separated by semicolons; gives how many
    people.

    Open the file with `newline=""`. A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    for person in people:
        times = (person.created, person.updated, person.valid_from, person.valid_until)
        state = "active" if person.active else "suspended"
        groups = cell(";".join(person.groups))
        writer.writerow([cell(person.person_id), state, *map(_time, times), groups, person.templates])
        count += 1
    return count


def cell(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _time(time: datetime | None) -> str:
    return "" if time is None else time.isoformat(timespec="seconds")
