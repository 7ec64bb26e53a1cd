"""`auther enroll`: a person from pictures or from the camera, or everybody of a folder."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from daemon.app import Desk, open_camera, open_desk
from daemon.camera_enrolment import CameraEnrolment
from daemon.cli.bulk import enrol_folder
from daemon.cli.options import JSON_OPTION, PICTURE, with_settings
from daemon.cli.reports import report_enrolment
from daemon.config import Settings
from daemon.enrolment import Enroller, Enrolment
from daemon.people import check_person_id
from daemon.portraits import portraits_in, read_portraits


@click.command()
@click.argument("person_id", metavar="[ID]", required=False)
@click.argument("more_images", type=PICTURE, nargs=-1, metavar="")
@click.option("--image", "images", type=PICTURE, multiple=True, metavar="FILE...", help="One picture or several.")
@click.option("--camera", is_flag=True, help="Take clear frames from the configured camera.")
@click.option("--folder", type=PICTURE, metavar="DIR", help="Many people: a picture or a sub-folder of pictures each.")
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
    replace: bool,
    timeout: float,
    as_json: bool,
    settings: Settings,
) -> None:
    """Enrol the person ID from pictures or the camera, or everybody in a folder."""
    _check_call(person_id, images, more_images, camera=camera, folder=folder)
    if folder is not None:
        with open_desk(settings) as desk:
            enrol_folder(portraits_in(folder), desk=desk, replace=replace, as_json=as_json)
        return
    checked = check_person_id(person_id or "")
    with open_desk(settings) as desk:
        enrolment = (
            _from_camera(checked, desk, settings=settings, limit_seconds=timeout, replace=replace)
            if camera
            else _from_files(checked, desk, files=(*images, *more_images), replace=replace)
        )
    report_enrolment(enrolment, as_json=as_json)


def _check_call(
    person_id: str | None, images: Sequence[Path], more_images: Sequence[Path], *, camera: bool, folder: Path | None
) -> None:
    """`--image *.jpg` reaches us as one --image and loose arguments: those belong to it and to nothing else."""
    if sum((bool(images), camera, folder is not None)) != 1 or (more_images and not images):
        raise click.UsageError("choose one of --image FILE..., --camera and --folder DIR")
    if (person_id is None) != (folder is not None):
        raise click.UsageError("--image and --camera need an ID before them; --folder takes the IDs from its names")


def _from_files(person_id: str, desk: Desk, *, files: Sequence[Path], replace: bool) -> Enrolment:
    images, unreadable = read_portraits(files)
    enrolment = Enroller(recogniser=desk.recogniser, gallery=desk.gallery).enrol(
        person_id, images, source="file", replace=replace
    )
    return Enrolment(enrolment.person, (*unreadable, *enrolment.refused))


def _from_camera(person_id: str, desk: Desk, *, settings: Settings, limit_seconds: float, replace: bool) -> Enrolment:
    gathering = CameraEnrolment(recogniser=desk.recogniser, advise=lambda text: click.echo(text, err=True))
    with closing(open_camera(settings)) as camera:
        images = gathering.gather(camera, limit_seconds=limit_seconds)
    return Enroller(recogniser=desk.recogniser, gallery=desk.gallery).enrol(
        person_id, images, source="camera", replace=replace
    )
