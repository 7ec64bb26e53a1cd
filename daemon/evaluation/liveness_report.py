"""A liveness evaluation for people (HTML, lines of text) and for machines (JSON)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from daemon.evaluation.charts import timeline_chart
from daemon.evaluation.judged import CueRow, Gauge, LivenessResult
from daemon.evaluation.page import heading, page, paragraph, percent, table
from daemon.evaluation.presentation import PresentationErrors, Rate

CAVEAT = (
    "A handful of presentations tells that nothing is grossly wrong, not how often an attack succeeds: read the"
    " intervals. This is no certification by ISO/IEC 30107-3."
)


def to_json(result: LivenessResult) -> dict[str, object]:
    """The result with every sighting, ready for `json`."""
    return {
        "level": result.level,
        "model": result.model,
        "errors": _errors_json(result.errors),
        "cues": [
            {
                **asdict(row),
                "frame_errors": _errors_json(row.frame_errors),
                "presentation_errors": _errors_json(row.presentation_errors),
            }
            for row in result.cues
        ],
        "presentations": [asdict(judged) for judged in result.judgements],
    }


def summary(result: LivenessResult) -> list[str]:
    """The figures in a few lines of text."""
    lines = [f"{result.model}, level {result.level}, per presentation:"]
    lines += [f"  {name} {_rate(rate)}" for name, rate in _named_rates(result.errors)]
    if result.errors.acer is not None:
        lines.append(f"  ACER {result.errors.acer:.1%}")
    lines += [f"{row.cue} at {row.threshold:g}: {_cue_line(row)}" for row in result.cues if row.frame_auc is not None]
    lines += [
        f"{judged.name}: {'accepted' if judged.accepted else 'refused'} ({judged.reason})"
        + (f", {judged.attack} attack" if judged.attack else ", bona fide")
        for judged in result.judgements
    ]
    return [*lines, CAVEAT]


def to_html(result: LivenessResult, *, gauges: Mapping[str, Gauge]) -> str:
    """One self-contained page with the timelines of every video."""
    overall = [
        (name, rate.errors, rate.trials, percent(rate.value), _interval(rate))
        for name, rate in _named_rates(result.errors)
    ]
    sections = [
        paragraph(f"{result.model}, level {result.level}. {CAVEAT}"),
        table("Whole policy, per presentation", ("rate", "errors", "presentations", "share", "95 %"), overall),
        paragraph(f"ACER (mean of BPCER and the worst APCER): {percent(result.errors.acer) or 'not defined'}"),
        heading("Cue by cue"),
        _cues(result),
        _states(result),
        heading("Presentations"),
        _presentations(result),
        *(timeline_chart(judged, gauges) for judged in result.judgements if judged.is_video and judged.sightings),
    ]
    return page("Liveness", sections)


def _cues(result: LivenessResult) -> str:
    rows = [
        (
            row.cue,
            row.threshold,
            row.frame_auc,
            percent(row.frame_eer),
            _short(row.frame_errors),
            row.presentation_auc,
            _short(row.presentation_errors),
        )
        for row in result.cues
    ]
    head = ("cue", "threshold", "AUC, frames", "EER, frames", "errors, frames", "AUC, means", "errors, means")
    return table("Each cue alone: frames are not independent, read them as an illustration", head, rows)


def _states(result: LivenessResult) -> str:
    rows = []
    for cue in sorted({cue for judged in result.judgements for cue in judged.states}):
        for kind in sorted({judged.attack or "bona fide" for judged in result.judgements}):
            states = Counter(
                judged.states.get(cue, "unknown")
                for judged in result.judgements
                if (judged.attack or "bona fide") == kind
            )
            rows.append((cue, kind, states["bona_fide"], states["attack"], states["unknown"]))
    return table("What each cue says at the end", ("cue", "presentations", "bona fide", "attack", "unknown"), rows)


def _presentations(result: LivenessResult) -> str:
    rows = [
        (
            judged.name,
            judged.attack or "bona fide",
            "accepted" if judged.accepted else "refused",
            judged.reason,
            judged.frames,
            *(judged.mean(row.cue) for row in result.cues),
        )
        for judged in result.judgements
    ]
    head = ("presentation", "kind", "verdict", "reason", "frames", *(f"{row.cue}, mean" for row in result.cues))
    return table("One by one", head, rows)


def _named_rates(errors: PresentationErrors) -> list[tuple[str, Rate]]:
    return [*((f"APCER {species}", rate) for species, rate in errors.apcer.items()), ("BPCER", errors.bpcer)]


def _cue_line(row: CueRow) -> str:
    frames = f"AUC {row.frame_auc:.3f}, EER {row.frame_eer:.1%} over frames"
    return f"{frames}; per presentation {_short(row.presentation_errors)}"


def _short(errors: PresentationErrors) -> str:
    return ", ".join(f"{name} {rate.errors}/{rate.trials}" for name, rate in _named_rates(errors))


def _rate(rate: Rate) -> str:
    return f"{percent(rate.value) or 'none'} ({rate.errors} of {rate.trials}, 95 %: {_interval(rate)})"


def _interval(rate: Rate) -> str:
    low, high = rate.interval
    return f"{low:.1%} to {high:.1%}"


def _errors_json(errors: PresentationErrors) -> dict[str, object]:
    rates = {
        name: {"errors": rate.errors, "trials": rate.trials, "rate": rate.value, "interval": rate.interval}
        for name, rate in _named_rates(errors)
    }
    return {"rates": rates, "acer": errors.acer}
