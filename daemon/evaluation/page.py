"""One self-contained HTML page: text, tables and inline SVG, nothing loaded from anywhere."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from daemon.evaluation.errors import EvaluationError

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; margin: 1rem 0; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .7rem; text-align: right; }
th:first-child, td:first-child { text-align: left; } svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #16181b; } th, td { border-color: #3a3d42; }
svg { background: #fff; } }
"""

Cell = str | int | float | None


def page(title: str, sections: Iterable[str]) -> str:
    """The page's text; `sections` are HTML."""
    body = "\n".join(sections)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table; numbers as they are, None as a dash, everything escaped."""
    header = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "\n".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{header}</tr></thead>\n<tbody>{lines}</tbody></table></div>"
    )


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def write_report(folder: Path, name: str, text: str) -> Path:
    """Write one page into a folder, which is made. Raises EvaluationError when it can't be written."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path}: can't be written: {error.strerror}") from error
    return path


def percent(value: float | None, digits: int = 2) -> str | None:
    return None if value is None else f"{value:.{digits}%}"


def _text(cell: Cell) -> str:
    return "–" if cell is None else escape(f"{cell:.4g}" if isinstance(cell, float) else str(cell))
