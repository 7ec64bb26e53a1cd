"""What a failure is to the caller of `auther`: one message on standard error, and this exit status."""

from collections.abc import Mapping
from types import MappingProxyType

import click

from daemon.errors import (
    AlreadyEnrolled,
    AutherError,
    BackupError,
    ConfigError,
    EnrolmentError,
    PersonIdError,
    PersonNotFound,
    PictureError,
    StoreError,
)
from daemon.evaluation.errors import EvaluationError
from hw.errors import HardwareError
from models.errors import ModelError

FAILURES = (AutherError, HardwareError, ModelError)

# 1 is also a problem that the doctor found or a dead thread, 2 also click's for a wrong call.
STATUS: Mapping[type[BaseException], int] = MappingProxyType(
    {
        AutherError: 1,
        ConfigError: 2,
        StoreError: 3,
        PersonNotFound: 4,
        PictureError: 5,
        EvaluationError: 5,
        EnrolmentError: 5,
        AlreadyEnrolled: 6,
        PersonIdError: 7,
        BackupError: 8,
        HardwareError: 9,
        ModelError: 10,
    }
)


def status_of(error: BaseException) -> int:
    """The exit status of an error: that of the nearest class it is one of."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def explain(error: BaseException) -> str:
    """The message of an error, after its code where the REST contract has one."""
    return f"{error.code}: {error}" if isinstance(error, EnrolmentError) else str(error)


class GuardedGroup(click.Group):
    """A group whose commands may raise any of FAILURES."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except FAILURES as error:
            click.echo(f"auther: {explain(error)}", err=True)
            ctx.exit(status_of(error))
