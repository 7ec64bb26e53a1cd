"""`auther evaluate` and `auther calibrate`: check what was typed, run the instrument, print."""

import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from daemon.config import DEFAULT_PATH, Settings, load
from daemon.evaluation import camera_report, liveness_report, recognition_report
from daemon.evaluation.camera import watch
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
from daemon.recogniser import load_recogniser
from hw.backends import make_camera
from models.manifest import INSTALLED_WEIGHTS, load_manifest

P = ParamSpec("P")
T = TypeVar("T")

_FILE = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON on standard output, for programs.")
_REPORT = click.option(
    "--report", type=_FILE, metavar="DIR", help="Write a self-contained HTML report into this folder."
)


def _with_settings(command: Callable[P, None]) -> Callable[..., None]:
    """Give a command `settings` from --config, the usual file, or defaults; the group's own --config counts too."""

    @click.option(
        "--config", type=_FILE, metavar="FILE", help=f"The configuration file [{DEFAULT_PATH}, if it is there]."
    )
    @click.pass_obj
    @functools.wraps(command)
    def wrapped(group_config: Path | None, /, *args: P.args, **kwargs: P.kwargs) -> None:
        own = kwargs.pop("config")
        path = own if isinstance(own, Path) else group_config or (DEFAULT_PATH if DEFAULT_PATH.exists() else None)
        kwargs["settings"] = Settings() if path is None else load(path)
        command(*args, **kwargs)

    return wrapped


@click.group()
def evaluate() -> None:
    """Measure recognition and liveness on pictures and videos with known answers."""


@evaluate.command()
@click.option("--pairs", "pairs_file", type=_FILE, required=True, metavar="FILE", help="CSV: fold,same,a,b.")
@click.option("--images", type=_FILE, required=True, metavar="DIR", help="The folder that the pairs' paths start from.")
@click.option("--quality-gate", is_flag=True, help="Refuse pictures by the configuration's quality limits.")
@_REPORT
@_JSON
@_with_settings
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
    _tell(recognition_report.to_json(result), recognition_report.summary(result), as_json=as_json)
    if report is not None:
        _told(write_report(report, "recognition.html", recognition_report.to_html(result, scale=recogniser.scale)))
        _told(write_report(report, "recognition.json", json.dumps(recognition_report.to_json(result), indent=1)))


@evaluate.command()
@click.option("--labels", type=_FILE, required=True, metavar="FILE", help="CSV: file,label,attack,presentation.")
@click.option("--only", metavar="PATTERN", help="Only the rows whose file matches, e.g. 'full/*'.")
@click.option("--reference", type=_FILE, metavar="DIR", help="Also run minivision's two networks from this folder.")
@_REPORT
@_JSON
@_with_settings
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
    _tell(liveness_report.to_json(result), liveness_report.summary(result), as_json=as_json)
    if report is not None:
        _told(write_report(report, "liveness.html", liveness_report.to_html(result, gauges=instruments.gauges)))
        _told(write_report(report, "liveness.json", json.dumps(liveness_report.to_json(result), indent=1)))


@click.group()
def calibrate() -> None:
    """Fit the terminal to its place."""


@calibrate.command("camera")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=60.0, show_default=True, help="How long to watch.")
@_JSON
@_with_settings
def watch_camera(*, seconds: float, as_json: bool, settings: Settings) -> None:
    """Watch people walk up to the configured camera; tell what would be refused, and propose settings.

    Nothing is stored or opened, and nobody is recognised: only numbers leave this command.
    """
    recogniser = load_recogniser(vision=settings.vision, limits=settings.quality)
    device = make_camera(settings.camera.backend, settings.camera.model_dump(exclude={"backend"}))
    click.echo(f"watching for {seconds:g} s: let people walk up as they will", err=True)
    try:
        watched = watch(device, recogniser=recogniser, seconds=seconds)
    finally:
        device.close()
    told = camera_report.report_on(watched, settings=settings)
    _tell(camera_report.to_json(told), camera_report.summary(told), as_json=as_json)


@contextmanager
def _progress(items: Sequence[T], what: str) -> Iterator[Iterable[T]]:
    # On standard error, which click leaves out when it is no terminal: standard output is the result alone.
    with click.progressbar(items, label=what, file=sys.stderr) as bar:
        yield bar


def _tell(document: dict[str, object], lines: Sequence[str], *, as_json: bool) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else "\n".join(lines))


def _told(path: Path) -> None:
    click.echo(str(path), err=True)
