"""People and their picture files from a table."""

import csv
from pathlib import Path

from daemon.enrolment.portraits import Portraits
from daemon.errors import PictureError

COLUMNS = ("person_id", "file")


def portraits_of_table(path: Path) -> tuple[Portraits, ...]:
    """The people of a CSV file with the columns `person_id` and `file`, a line for each picture, in their order.

    A relative file lies beside the table; other columns are passed over. Raises PictureError naming file and line.
    """
    files: dict[str, list[Path]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as table:
            reader = csv.DictReader(table, strict=True)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise PictureError(f"{path}: line 1: no column {' or '.join(missing)}; expected person_id,file")
            for row in reader:
                person_id, file = ((row[column] or "").strip() for column in COLUMNS)
                if not person_id or not file:
                    raise PictureError(f"{path}: line {reader.line_num}: expected a person_id and a file")
                if "\0" in file:
                    raise PictureError(f"{path}: line {reader.line_num}: file: expected a name without NUL characters")
                files.setdefault(person_id, []).append(path.parent / file)
    except OSError as error:
        raise PictureError(f"{path}: can't be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise PictureError(f"{path}: not a CSV file in UTF-8: {error}") from error
    if not files:
        raise PictureError(f"{path}: nobody in it; expected a line for each picture: person_id,file")
    return tuple(Portraits(person_id, tuple(own)) for person_id, own in files.items())
