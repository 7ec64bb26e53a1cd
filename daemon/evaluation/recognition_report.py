"""A recognition evaluation for people (HTML, lines of text) and for machines (JSON)."""

from dataclasses import asdict, fields

from daemon.evaluation.charts import det_chart, histogram_chart, scale_chart
from daemon.evaluation.effects import DISCARDED
from daemon.evaluation.page import heading, page, paragraph, percent, table
from daemon.evaluation.recognition import Named, RecognitionResult
from models.similarity import ScoreScale


def to_json(result: RecognitionResult) -> dict[str, object]:
    """The result without its scores, ready for `json`."""
    named = {field.name: getattr(result, field.name) for field in fields(result) if field.name != "scores"}
    return {name: _plain(value) for name, value in named.items()}


def summary(result: RecognitionResult) -> list[str]:
    """The figures in a few lines of text."""
    lines = [
        f"{result.model}: {result.pictures:,} pictures of {result.identities:,} people;"
        f" failure to acquire {result.failure_to_acquire:.2%}"
        f" ({result.no_face} without a face, {result.refused} refused)",
    ]
    if result.accuracy is not None:
        accuracy = result.accuracy
        lines.append(
            f"accuracy {accuracy.mean:.2%} ± {accuracy.standard_error:.2%}"
            f" ({result.pairs:,} pairs, {len(accuracy.folds)} folds)"
        )
    lines.append(f"EER {result.equal_error.rate:.3%}, AUC {result.area_under_curve:.5f}")
    lines.append(f"{result.mated:,} mated and {result.non_mated:,} non-mated comparisons, all against all:")
    lines += [
        f"  TAR {rate.tar:.4f} at FAR {rate.far:g} (score {rate.threshold:.4f})"
        + ("" if rate.measurable else ", too few comparisons")
        for rate in result.verification
    ]
    lines += [
        f"  FNIR {rate.fnir:.4f} at FPIR {rate.fpir:.1%}, {rate.people:,} enrolled (score {rate.threshold:.4f})"
        for rate in result.identification
    ]
    return lines


def to_html(result: RecognitionResult, *, scale: ScoreScale) -> str:
    """One self-contained page."""
    sections = [
        *(paragraph(line) for line in summary(result)[:4]),
        heading("One to one"),
        det_chart(result.scores),
        histogram_chart(result.scores),
        _verification(result),
        heading("One to many"),
        *_identification(result),
        heading("Similarity"),
        scale_chart(scale, result.scores),
        _shipped(result),
        heading("Quality"),
        *_effects(result),
        heading("People"),
        _spread(result),
        heading("Comparisons to look at"),
        paragraph("Many of these are wrong labels: one person under two names, or two people under one."),
        _named("Non-mated comparisons that scored most", result.suspicious),
        _named("Mated comparisons that scored least", result.overlooked),
    ]
    return page("Recognition", sections)


def _verification(result: RecognitionResult) -> str:
    rows = [
        (f"{rate.far:g}", rate.threshold, rate.similarity, percent(rate.tar), "yes" if rate.measurable else "no")
        for rate in result.verification
    ]
    return table("True accept rate", ("FAR", "score", "similarity, %", "TAR", "enough comparisons"), rows)


def _identification(result: RecognitionResult) -> list[str]:
    measured = [
        (
            rate.people,
            percent(rate.fpir, 1),
            rate.threshold,
            percent(rate.fnir),
            rate.mated_searches,
            rate.non_mated_searches,
        )
        for rate in result.identification
    ]
    shipped = [
        (found.people, percent(found.fpir_asked, 1), found.threshold, percent(found.fpir), percent(found.fnir))
        for found in result.shipped_searches
    ]
    return [
        table(
            "Open-set searches, rank 1 and at the threshold that gives the FPIR here",
            ("gallery", "FPIR", "score", "FNIR", "mated searches", "non-mated searches"),
            measured,
        ),
        table(
            "The same searches at the installed scale's threshold",
            ("gallery", "FPIR asked", "score", "FPIR", "FNIR"),
            shipped,
        ),
    ]


def _shipped(result: RecognitionResult) -> str:
    rows = [(f"{s.similarity:g} %", s.score, f"{s.fmr:.2e}", percent(s.fnmr)) for s in result.shipped]
    return table("The installed scale on these pictures", ("similarity", "score", "FMR", "FNMR"), rows)


def _effects(result: RecognitionResult) -> list[str]:
    gates = [
        (
            e.criterion,
            e.unit,
            e.limit,
            percent(e.refused),
            percent(e.fnmr),
            percent(e.fnmr_gated),
            percent(e.fnmr_refused),
        )
        for e in result.effects
    ]
    discards = [
        (e.criterion, *(f"{percent(d.fnmr)} ({d.limit:.4g})" if d.fnmr is not None else None for d in e.discards))
        for e in result.effects
    ]
    return [
        table(
            "Each criterion's gate by itself, at the score of FMR 1e-4",
            ("criterion", "unit", "limit", "pictures refused", "FNMR", "FNMR with gate", "FNMR of the refused"),
            gates,
        ),
        table(
            "FNMR after leaving out the worst pictures by one criterion (and the limit that does so)",
            ("criterion", *(f"worst {share:.0%}" for share in DISCARDED)),
            discards,
        ),
    ]


def _spread(result: RecognitionResult) -> str:
    spread = result.spread
    if spread is None:
        return paragraph("Nobody has enough pictures to tell people apart.")
    rows = [
        (
            spread.identities,
            percent(spread.without_error),
            *(percent(value) for value in (spread.mean, spread.median, spread.p90, spread.p99, spread.worst)),
        )
    ]
    head = ("people", "without an error", "mean", "median", "90th", "99th", "worst")
    return table(f"FNMR over people with at least {spread.at_least} comparisons, at the score of FMR 1e-4", head, rows)


def _named(caption: str, comparisons: tuple[Named, ...]) -> str:
    return table(
        caption, ("reference", "probe", "score"), [(c.reference, c.probe, round(c.score, 3)) for c in comparisons]
    )


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value  # type: ignore[call-overload]
