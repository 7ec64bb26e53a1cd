"""The list of presentations that a liveness evaluation judges."""

import csv
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from daemon.enrolment.pictures import SUFFIXES
from daemon.evaluation.errors import EvaluationError
from hw.replay import natural_order

VIDEOS = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})


@dataclass(frozen=True)
class LabelledPresentation:
    """One presentation: a video, or stills of it. `attack` is the species of instrument, None for bona fide."""

    name: str
    attack: str | None
    files: tuple[Path, ...]

    @property
    def is_video(self) -> bool:
        return self.files[0].suffix.lower() in VIDEOS


def read_labels(path: Path, *, only: str | None = None) -> tuple[LabelledPresentation, ...]:
    """Read a CSV file with the columns file (a pattern relative to it), label (live or spoof), attack, presentation.

    `only` keeps rows whose file matches that pattern. Raises EvaluationError naming the line that is wrong.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"file", "label", "attack", "presentation"} - set(rows.fieldnames or ())
            if missing:
                raise EvaluationError(f"{path}: no column {', '.join(sorted(missing))}")
            found = tuple(
                _presentation(row, path, rows.line_num) for row in rows if only is None or fnmatch(row["file"], only)
            )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{path}: can't be read: {error}") from error
    if not found:
        raise EvaluationError(f"{path}: no presentation" + (f" whose file matches {only}" if only else " in it"))
    return found


def _presentation(row: dict[str, str], path: Path, line: int) -> LabelledPresentation:
    where = f"{path}: line {line}"
    if row["label"] not in ("live", "spoof"):
        raise EvaluationError(f"{where}: label is live or spoof, not {row['label']!r}")
    if row["label"] == "spoof" and not row["attack"]:
        raise EvaluationError(f"{where}: an attack needs its species (print, screen, mask, …) in the column attack")
    files = sorted(path.parent.glob(row["file"]), key=lambda file: natural_order(file.name))
    files = [file for file in files if file.suffix.lower() in VIDEOS | SUFFIXES]
    if not files:
        raise EvaluationError(f"{where}: no picture or video matches {path.parent / row['file']}")
    if len(files) > 1 and any(file.suffix.lower() in VIDEOS for file in files):
        raise EvaluationError(f"{where}: one video is one presentation; give each a line of its own")
    name = row["presentation"] or row["file"]
    return LabelledPresentation(
        name=name, attack=row["attack"] if row["label"] == "spoof" else None, files=tuple(files)
    )
