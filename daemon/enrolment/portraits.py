"""Pictures of people in files: which of a folder belong to whom, and which can be read at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon.enrolment.enroller import NamedImage
from daemon.enrolment.pictures import SUFFIXES, read_picture
from daemon.errors import PictureError, Refusal

# "Not an image" in the REST contract.
UNREADABLE = "R_004"


@dataclass(frozen=True)
class Portraits:
    """The picture files of one person."""

    person_id: str
    files: tuple[Path, ...]


def portraits_in(folder: Path) -> tuple[Portraits, ...]:
    """The people of a folder in the order of their names. Raises PictureError when there is nobody in it.

    A sub-folder is a person named like it, a picture lying in the folder a person named like the file without its
    suffix. Hidden entries and files of other kinds are passed over.
    """
    try:
        found = [_portraits(entry) for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
    except OSError as error:
        raise PictureError(f"{folder}: can't be read: {error.strerror}") from error
    people = tuple(portraits for portraits in found if portraits is not None)
    if not people:
        kinds = ", ".join(sorted(SUFFIXES))
        raise PictureError(
            f"{folder}: nobody in it; put a picture ({kinds}) or a sub-folder of pictures a person there"
        )
    return people


def read_portraits(files: Sequence[Path]) -> tuple[list[NamedImage], list[Refusal]]:
    """The pictures that can be read, and the other files. Raises PictureError when none can."""
    images: list[NamedImage] = []
    refused: list[Refusal] = []
    for file in files:
        try:
            images.append(NamedImage(str(file), read_picture(file)))
        except PictureError as error:
            refused.append(Refusal(str(file), UNREADABLE, str(error)))
    if not images:
        raise PictureError(refused[0].message if refused else "there is no picture in its folder")
    return images, refused


def _portraits(entry: Path) -> Portraits | None:
    if entry.is_dir():
        return Portraits(entry.name, tuple(file for file in sorted(entry.iterdir()) if _is_picture(file)))
    return Portraits(entry.stem, (entry,)) if _is_picture(entry) else None


def _is_picture(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
