"""`auther enroll`: a person from pictures or from the camera, or everybody of a folder."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from daemon.cli.bulk import enrol_everybody
from daemon.cli.options import JSON_OPTION, PICTURE, with_settings
from daemon.cli.reports import report_enrolment
from daemon.config.settings import Settings
from daemon.desk import Desk, open_camera, open_desk
from daemon.enrolment.at_camera import CameraEnrolment
from daemon.enrolment.build import make_enroller
from daemon.enrolment.enroller import Enroller, Enrolment
from daemon.enrolment.portrait_table import portraits_of_table
from daemon.enrolment.portraits import portraits_in, read_portraits
from daemon.storage.people import check_person_id


@click.command()
@click.argument("person_id", metavar="[ID]", required=False)
@click.argument("more_images", type=PICTURE, nargs=-1, metavar="")
@click.option("--image", "images", type=PICTURE, multiple=True, metavar="FILE...", help="One picture or several.")
@click.option("--camera", is_flag=True, help="Take clear frames from the configured camera.")
@click.option("--folder", type=PICTURE, metavar="DIR", help="Many people: a picture or a sub-folder of pictures each.")
@click.option("--csv", "table", type=PICTURE, metavar="FILE", help="Many people: a table with person_id,file.")
@click.option("--report", type=PICTURE, metavar="FILE", help="Where to list refused pictures (CSV) of many people.")
@click.option("--replace", is_flag=True, help="Put these pictures in place of those of who is enrolled already.")
@click.option("--timeout", default=30.0, show_default=True, metavar="SECONDS", help="How long --camera waits.")
@JSON_OPTION
@with_settings
def enroll(
    *,
    person_id: str | None,
    more_images: Sequence[Path],
    images: Sequence[Path],
    camera: bool,
    folder: Path | None,
    table: Path | None,
    report: Path | None,
    replace: bool,
    timeout: float,
    as_json: bool,
    settings: Settings,
) -> None:
    """Enrol the person ID from pictures or the camera, or everybody in a folder or table.

    Many people are enrolled one after the other. Interrupted, the same call goes on where it was.
    """
    many = folder or table
    _check_call(person_id, images, more_images, sources=(camera, folder is not None, table is not None))
    if many is not None:
        people = portraits_in(many) if table is None else portraits_of_table(many)
        with open_desk(settings) as desk:
            enrol_everybody(
                people,
                source=many,
                desk=desk,
                enroller=_enroller(desk, settings),
                replace=replace,
                report=report,
                as_json=as_json,
            )
        return
    if report is not None:
        raise click.UsageError("--report goes with --folder or --csv")
    checked = check_person_id(person_id or "")
    with open_desk(settings) as desk:
        enrolment = (
            _from_camera(checked, desk, settings=settings, limit_seconds=timeout, replace=replace)
            if camera
            else _from_files(checked, desk, settings=settings, files=(*images, *more_images), replace=replace)
        )
    report_enrolment(enrolment, as_json=as_json)


def _check_call(
    person_id: str | None, images: Sequence[Path], more_images: Sequence[Path], *, sources: tuple[bool, bool, bool]
) -> None:
    """`--image *.jpg` reaches us as one --image and loose arguments: those belong to it and to nothing else."""
    if sum((bool(images), *sources)) != 1 or (more_images and not images):
        raise click.UsageError("choose one of --image FILE..., --camera, --folder DIR and --csv FILE")
    if (person_id is None) != any(sources[1:]):
        raise click.UsageError("--image and --camera need an ID before them; --folder and --csv name people themselves")


def _from_files(person_id: str, desk: Desk, *, settings: Settings, files: Sequence[Path], replace: bool) -> Enrolment:
    images, unreadable = read_portraits(files)
    enrolment = _enroller(desk, settings).enrol(person_id, images, source="file", replace=replace)
    return Enrolment(enrolment.person, (*unreadable, *enrolment.refused))


def _from_camera(person_id: str, desk: Desk, *, settings: Settings, limit_seconds: float, replace: bool) -> Enrolment:
    gathering = CameraEnrolment(recogniser=desk.recogniser, advise=lambda advice: click.echo(advice.text, err=True))
    with closing(open_camera(settings)) as camera:
        images = gathering.gather(camera, limit_seconds=limit_seconds)
    return _enroller(desk, settings).enrol(person_id, images, source="camera", replace=replace)


def _enroller(desk: Desk, settings: Settings) -> Enroller:
    return make_enroller(settings, recogniser=desk.recogniser, store=desk.store, gallery=desk.gallery)
