"""`auther console`: who may log in to the building manager's pages."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from daemon.audit import Entry, open_audit
from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.cli.passphrase import somebody_there
from daemon.config.settings import Settings
from daemon.console.access import ConsoleAccess, open_console_access
from daemon.console.roles import Role
from daemon.console.users import User, UserBook
from daemon.desk import open_store
from daemon.timestamps import to_iso

ROLE = click.Choice([role.value for role in Role])


@click.group(cls=GuardedGroup)
def console() -> None:
    """The building manager's pages at /console."""


@console.command("setup-code")
@with_settings
def setup_code(*, settings: Settings) -> None:
    """Print the code by which the first administrator sets the console up in a browser."""
    access = _opened(settings)
    if access.users.all():
        raise click.UsageError("the console has users already; make more with `auther console users add`")
    click.echo(access.setup.code())


@console.group(cls=GuardedGroup)
def users() -> None:
    """Who may log in."""


@users.command()
@click.argument("name", metavar="NAME")
@click.option("--role", type=ROLE, required=True, help="What NAME may: see, also open and enrol, or everything.")
@with_settings
def add(*, name: str, role: str, settings: Settings) -> None:
    """Let NAME log in. The password is asked for twice; programs write it in one line to standard input."""
    with _noted(settings, "create user", name) as book:
        made = book.add(name, role=Role(role), password=_asked())
    click.echo(f"{made.name}: {made.role.value}")


@users.command("list")
@JSON_OPTION
@with_settings
def list_users(*, as_json: bool, settings: Settings) -> None:
    """List who may log in, with the last login."""
    found = _opened(settings).users.all()
    if as_json:
        echo_json([_json(user) for user in found])
        return
    if not found:
        click.echo("no user yet; set the console up in a browser with the code of: auther console setup-code")
    for user in found:
        last = "never logged in" if user.last_login is None else f"logged in {to_iso(user.last_login)}"
        click.echo(f"{user.name}  {user.role.value}, {last}")


@users.command()
@click.argument("name", metavar="NAME")
@with_settings
def remove(*, name: str, settings: Settings) -> None:
    """Let NAME log in no more; their sessions end."""
    with _noted(settings, "remove user", name) as book:
        book.remove(name, last_too=True)
    click.echo(f"{name}: removed")


@users.command()
@click.argument("name", metavar="NAME")
@with_settings
def password(*, name: str, settings: Settings) -> None:
    """Give NAME a new password, asked for twice; their sessions end."""
    with _noted(settings, "change user", name) as book:
        book.change(name, password=_asked())
    click.echo(f"{name}: new password")


@users.command()
@click.argument("name", metavar="NAME")
@click.argument("role", metavar="ROLE", type=ROLE)
@with_settings
def role(*, name: str, role: str, settings: Settings) -> None:
    """Give NAME another ROLE: viewer, operator or administrator; their sessions end."""
    with _noted(settings, "change user", name) as book:
        book.change(name, role=Role(role))
    click.echo(f"{name}: {role}")


def _opened(settings: Settings) -> ConsoleAccess:
    """With a new store where there is none: its key seals the users too. Raises StoreError."""
    with closing(open_store(settings)):
        return open_console_access(settings)


@contextmanager
def _noted(settings: Settings, what: str, name: str) -> Iterator[UserBook]:
    """The users; what is done with them stands in the audit trail. Raises StoreError, AuditError."""
    with closing(open_store(settings)) as store, closing(open_audit(settings.storage.folder, store)) as audit:
        yield open_console_access(settings).users
        audit.append(Entry(f"cli:{getpass.getuser()}", what, name, "done"))


def _asked() -> str:
    if not somebody_there():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _json(user: User) -> dict[str, object]:
    return {
        "user": user.name,
        "role": user.role.value,
        "created": to_iso(user.created),
        "last_login": None if user.last_login is None else to_iso(user.last_login),
    }
