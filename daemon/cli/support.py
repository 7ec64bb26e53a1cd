"""`auther support-bundle`: one file for whoever helps from afar."""

import os
import time
from pathlib import Path

import click

from daemon.cli.options import with_config
from daemon.config.settings import Settings, load
from daemon.errors import ConfigError
from daemon.support.bundle import write_bundle
from daemon.support.parts import parts
from daemon.support.secrecy import Scrubber, secrets_of


@click.command("support-bundle")
@click.argument("file", type=click.Path(path_type=Path), metavar="[FILE]", required=False)
@with_config
def support_bundle(*, file: Path | None, config: Path | None) -> None:
    """Write configuration, versions, the doctor's report, health and the last log into one file, without secrets.

    FILE is a .tar.gz; without it, one in the present folder. Works with a wrong configuration too.
    """
    settings = _settings(config)
    path = file or Path(f"auther-support-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.tar.gz")
    scrub = Scrubber(secrets_of(settings or Settings(), os.environ))
    size = write_bundle(path, parts(config, settings), scrub=scrub)
    click.echo(f"{path}: {size // 1024 + 1} KiB; look through it before you send it")


def _settings(config: Path | None) -> Settings | None:
    try:
        return Settings() if config is None else load(config)
    except ConfigError:
        return None
