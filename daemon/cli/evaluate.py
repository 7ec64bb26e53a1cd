"""`auther evaluate`: measure recognition and liveness on pictures and videos with known answers."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.evaluation import liveness_report, recognition_report
from daemon.evaluation.charts import require_charts
from daemon.evaluation.errors import EvaluationError
from daemon.evaluation.judge import Instruments, judge
from daemon.evaluation.judged import liveness_result
from daemon.evaluation.labels import read_labels
from daemon.evaluation.page import write_report
from daemon.evaluation.pairs import picture_names, read_pairs
from daemon.evaluation.recognition import recognition_result
from daemon.evaluation.reference import NAME, load_reference
from daemon.evaluation.samples import acquire
from daemon.vision.recogniser import load_recogniser
from models.manifest import INSTALLED_WEIGHTS, load_manifest

T = TypeVar("T")

PLACE = click.Path(path_type=Path, readable=False)
REPORT_OPTION = click.option(
    "--report", type=PLACE, metavar="DIR", help="Write a self-contained HTML report and its JSON into this folder."
)


@click.group(cls=GuardedGroup)
def evaluate() -> None:
    """Measure recognition and liveness on pictures and videos with known answers."""


@evaluate.command()
@click.option("--pairs", "pairs_file", type=PLACE, required=True, metavar="FILE", help="CSV: fold,same,a,b.")
@click.option("--images", type=PLACE, required=True, metavar="DIR", help="The folder that the pairs' paths start from.")
@click.option("--quality-gate", is_flag=True, help="Refuse pictures by the configuration's quality limits.")
@REPORT_OPTION
@JSON_OPTION
@with_settings
def recognition(
    *, pairs_file: Path, images: Path, quality_gate: bool, report: Path | None, as_json: bool, settings: Settings
) -> None:
    """Error rates of recognition, from detector to score, on labelled pictures (LFW's protocol and all against all)."""
    if report is not None:
        require_charts()
    pairs = read_pairs(pairs_file)
    recogniser = load_recogniser(vision=settings.vision, limits=settings.quality)
    with _progress(picture_names(images, pairs), "pictures") as names:
        acquired = acquire(names, folder=images, recogniser=recogniser, gate=quality_gate)
    try:
        result = recognition_result(
            acquired, pairs=pairs, scale=recogniser.scale, limits=settings.quality, model=recogniser.model
        )
    except ValueError as error:
        raise EvaluationError(f"{pairs_file}: {error}") from error
    document = recognition_report.to_json(result)
    _tell(document, recognition_report.summary(result), as_json=as_json)
    if report is not None:
        html = recognition_report.to_html(result, scale=recogniser.scale)
        _write(report, "recognition", html=html, document=document)


@evaluate.command()
@click.option("--labels", type=PLACE, required=True, metavar="FILE", help="CSV: file,label,attack,presentation.")
@click.option("--only", metavar="PATTERN", help="Only the rows whose file matches, e.g. 'full/*'.")
@click.option("--reference", type=PLACE, metavar="DIR", help="Also run minivision's two networks from this folder.")
@REPORT_OPTION
@JSON_OPTION
@with_settings
def liveness(
    *, labels: Path, only: str | None, reference: Path | None, report: Path | None, as_json: bool, settings: Settings
) -> None:
    """Error rates of presentation attack detection: videos as tracks through the policy, stills by what they allow."""
    if report is not None:
        require_charts()
    presentations = read_labels(labels, only=only)
    manifest = load_manifest(settings.vision.weights or INSTALLED_WEIGHTS)
    instruments = Instruments(
        recogniser=load_recogniser(vision=settings.vision, limits=settings.quality),
        policy=settings.policy,
        liveness=settings.liveness,
        others={} if reference is None else {NAME: load_reference(reference)},
    )
    with _progress(presentations, "presentations") as rows:
        judgements = [judge(presentation, instruments=instruments) for presentation in rows]
    result = liveness_result(
        judgements,
        level=settings.liveness.level,
        model=" + ".join(spec.label for spec in manifest.liveness),
        gauges=instruments.gauges,
    )
    document = liveness_report.to_json(result)
    _tell(document, liveness_report.summary(result), as_json=as_json)
    if report is not None:
        _write(report, "liveness", html=liveness_report.to_html(result, gauges=instruments.gauges), document=document)


@contextmanager
def _progress(items: Sequence[T], what: str) -> Iterator[Iterable[T]]:
    # On standard error, which click leaves out when it is no terminal: standard output is the result alone.
    with click.progressbar(items, label=what, file=sys.stderr) as bar:
        yield bar


def _tell(document: dict[str, object], lines: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        echo_json(document)
    else:
        click.echo("\n".join(lines))


def _write(folder: Path, name: str, *, html: str, document: dict[str, object]) -> None:
    for path in (
        write_report(folder, f"{name}.html", html),
        write_report(folder, f"{name}.json", json.dumps(document, ensure_ascii=False, indent=1)),
    ):
        click.echo(str(path), err=True)
