"""Charts of a report as SVG text, drawn with matplotlib: the extra `evaluate`."""

import importlib
import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from daemon.evaluation.errors import EvaluationError
from daemon.evaluation.judged import Gauge, Judgement
from daemon.evaluation.verification import Comparisons, detection_error_tradeoff
from models.similarity import ScoreScale

# Alike for readers who can't tell red from green (Okabe and Ito, "Color Universal Design", 2008).
BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "#767676"
_COLOURS = (BLUE, ORANGE, GREEN, "#cc79a7", "#56b4e9", "#e69f00")


def require_charts() -> None:
    """Raises EvaluationError, naming the extra, unless charts can be drawn."""
    _matplotlib()


def det_chart(scores: Comparisons) -> str:
    """FNMR over FMR, both logarithmic."""
    fmr, fnmr = detection_error_tradeoff(scores)
    figure, axes = _axes("false-match rate (FMR)", "false-non-match rate (FNMR)")
    axes.step(fmr, np.maximum(fnmr, 0.5 / scores.mated.size), where="post", color=BLUE)
    axes.set(xscale="log", yscale="log", title="Detection error tradeoff")
    axes.grid(visible=True, which="both", alpha=0.25)
    return _svg(figure)


def histogram_chart(scores: Comparisons) -> str:
    """Densities of mated and non-mated scores, logarithmic so that the tails show."""
    figure, axes = _axes("score (cosine)", "share of comparisons")
    edges = np.linspace(-0.4, 1.0, 141)
    for values, label, colour in ((scores.non_mated, "non-mated", ORANGE), (scores.mated, "mated", BLUE)):
        counts, _ = np.histogram(values, edges)
        axes.step(edges[:-1], counts / values.size, where="post", label=f"{label} ({values.size:,})", color=colour)
    axes.set(yscale="log", title="Scores")
    axes.legend()
    return _svg(figure)


def scale_chart(scale: ScoreScale, scores: Comparisons) -> str:
    """Similarity over score, beside the measured false-match rate."""
    cosines = np.linspace(-0.2, 1.0, 240)
    figure, axes = _axes("score (cosine)", "similarity, %")
    axes.plot(cosines, [scale.similarity(cosine) for cosine in cosines], color=BLUE, label="similarity (installed)")
    right = axes.twinx()
    measured = [scores.fmr(cosine) for cosine in cosines]
    right.plot(cosines, [rate if rate > 0 else np.nan for rate in measured], color=ORANGE)
    right.set(yscale="log", ylabel="FMR measured here (orange)")
    axes.set(title="Similarity scale")
    axes.grid(visible=True, alpha=0.25)
    return _svg(figure)


def timeline_chart(judged: Judgement, gauges: Mapping[str, Gauge]) -> str:
    """Each cue of one video over time, with its threshold as a dotted line of the same colour."""
    figure, axes = _axes("seconds", "score")
    for (cue, gauge), colour in zip(gauges.items(), _COLOURS, strict=False):
        points = [(sighting.at, sighting.scores[cue]) for sighting in judged.sightings if cue in sighting.scores]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, label=cue)
            axes.axhline(gauge.threshold, color=colour, linestyle=":", linewidth=1)
    faults = [sighting.at for sighting in judged.sightings if sighting.fault is not None]
    axes.plot(faults, [-0.03] * len(faults), "|", color=GREY, label="quality fault" if faults else None)
    axes.set(ylim=(-0.06, 1.03), title=f"{judged.name}: {judged.reason}")
    axes.legend(loc="center left")
    return _svg(figure)


def _axes(x: str, y: str) -> tuple[Any, Any]:
    figure = _matplotlib().Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.set(xlabel=x, ylabel=y)
    return figure, axes


def _svg(figure: Any) -> str:
    file = io.StringIO()
    # No date inside: the same evaluation writes the same report.
    figure.savefig(file, format="svg", metadata={"Date": None})
    text = file.getvalue()
    return text[text.index("<svg") :]


def _matplotlib() -> Any:
    # Imported only for a report: it costs a second, and a terminal does without it.
    try:
        return importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise EvaluationError(
            f"a report needs the package matplotlib ({error}); install auther-embedded[evaluate]"
        ) from error
