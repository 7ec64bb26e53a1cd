"""`auther calibrate`: fit the terminal to its place."""

import click

from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.desk import open_camera
from daemon.evaluation import camera_report
from daemon.evaluation.camera import watch
from daemon.vision.recogniser import load_recogniser


@click.group(cls=GuardedGroup)
def calibrate() -> None:
    """Fit the terminal to its place."""


@calibrate.command("camera")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=60.0, show_default=True, help="How long to watch.")
@JSON_OPTION
@with_settings
def watch_camera(*, seconds: float, as_json: bool, settings: Settings) -> None:
    """Watch people walk up to the configured camera; tell what would be refused, and propose settings.

    Nothing is stored or opened, and nobody is recognised: only numbers leave this command.
    """
    recogniser = load_recogniser(vision=settings.vision, limits=settings.quality)
    device = open_camera(settings)
    click.echo(f"watching for {seconds:g} s: let people walk up as they will", err=True)
    try:
        watched = watch(device, recogniser=recogniser, seconds=seconds)
    finally:
        device.close()
    told = camera_report.report_on(watched, settings=settings)
    if as_json:
        echo_json(camera_report.to_json(told))
    else:
        click.echo("\n".join(camera_report.summary(told)))
