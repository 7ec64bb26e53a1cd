"""The group of all commands."""

from pathlib import Path

import click

from daemon.cli.audit import audit
from daemon.cli.backup import backup, restore
from daemon.cli.calibrate import calibrate
from daemon.cli.configuration import config
from daemon.cli.console import console
from daemon.cli.credentials import cards, pin
from daemon.cli.doctor import doctor
from daemon.cli.enrol import enroll
from daemon.cli.evaluate import evaluate
from daemon.cli.events import events
from daemon.cli.export import export_people
from daemon.cli.failures import GuardedGroup
from daemon.cli.images import images
from daemon.cli.keys import keys
from daemon.cli.log_level import log_level
from daemon.cli.matching import compare, identify
from daemon.cli.models import models
from daemon.cli.options import CONFIG_OPTION
from daemon.cli.osdp import osdp
from daemon.cli.people import people, remove
from daemon.cli.person import person
from daemon.cli.run import run
from daemon.cli.setup import setup
from daemon.cli.sign import sign
from daemon.cli.site import site
from daemon.cli.store_keys import STORE_KEYS
from daemon.cli.support import support_bundle

COMMANDS = (
    run,
    setup,
    enroll,
    people,
    remove,
    person,
    cards,
    pin,
    identify,
    compare,
    backup,
    restore,
    export_people,
    images,
    keys,
    console,
    sign,
    audit,
    config,
    models,
    doctor,
    evaluate,
    calibrate,
    events,
    log_level,
    support_bundle,
    site,
    osdp,
)


@click.group(cls=GuardedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@CONFIG_OPTION
@click.version_option(package_name="auther-embedded", prog_name="auther")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """A face terminal for doors: live face recognition on the device, offline."""
    ctx.obj = config


for command in COMMANDS:
    main.add_command(command)
for command in STORE_KEYS:
    keys.add_command(command)
