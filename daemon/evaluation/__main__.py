"""`python -m daemon.evaluation`: the instruments without the rest of `auther`."""

import sys

import click

from daemon.errors import AutherError
from daemon.evaluation.commands import calibrate, evaluate
from hw.errors import HardwareError
from models.errors import ModelError

main = click.Group("daemon.evaluation", commands={"evaluate": evaluate, "calibrate": calibrate})

if __name__ == "__main__":
    try:
        main()
    except (AutherError, HardwareError, ModelError) as error:
        click.echo(f"auther: {error}", err=True)
        sys.exit(getattr(error, "status", 1))
