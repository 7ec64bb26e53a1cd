"""The list of comparisons that a recognition evaluation follows."""

import csv
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from daemon.evaluation.errors import EvaluationError


@dataclass(frozen=True)
class Pair:
    """One comparison: `reference` and `probe` are paths below the folder of pictures."""

    fold: int
    mated: bool
    reference: str
    probe: str


def read_pairs(path: Path) -> tuple[Pair, ...]:
    """Read a CSV file with the columns fold, same (0 or 1), a and b. Raises EvaluationError naming the wrong line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"fold", "same", "a", "b"} - set(rows.fieldnames or ())
            if missing:
                raise EvaluationError(f"{path}: no column {', '.join(sorted(missing))}; expected fold,same,a,b")
            pairs = tuple(_pair(row, f"{path}: line {rows.line_num}") for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{path}: can't be read: {error}") from error
    if not pairs:
        raise EvaluationError(f"{path}: no pairs in it")
    return pairs


def picture_names(folder: Path, pairs: tuple[Pair, ...]) -> tuple[str, ...]:
    """Every picture that a pair names, sorted. Raises EvaluationError naming the first that is not in the folder."""
    names = sorted({name for pair in pairs for name in (pair.reference, pair.probe)})
    for name in names:
        if not (folder / name).is_file():
            raise EvaluationError(
                f"{folder / name}: no such picture; --images is the folder that the pairs are relative to"
            )
    return tuple(names)


def identity_of(name: str) -> str:
    """Whose picture it is: the folder that it lies in."""
    return PurePosixPath(name).parent.as_posix()


def _pair(row: dict[str, str], where: str) -> Pair:
    if row["same"] not in ("0", "1") or not row["fold"].isdigit() or not row["a"] or not row["b"]:
        raise EvaluationError(f"{where}: expected fold,same,a,b with a number and 0 or 1, not {list(row.values())}")
    for name in (row["a"], row["b"]):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise EvaluationError(f"{where}: {name}: pictures are named relative to the folder of pictures")
    return Pair(fold=int(row["fold"]), mated=row["same"] == "1", reference=row["a"], probe=row["b"])
