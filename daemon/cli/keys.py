"""`auther keys`: who may call the API."""

import getpass
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import click

from daemon.audit import AuditTrail, Entry, open_audit
from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.errors import ApiKeyError, AuditError
from daemon.keys import ApiKey, KeyRing, NewApiKey, Permission, open_keys, parse_permissions
from daemon.signing import Algorithm
from daemon.timestamps import to_iso

PERMISSIONS = ",".join(permission.value for permission in Permission)


@click.group(cls=GuardedGroup)
def keys() -> None:
    """The keys of this terminal: who may call the API, and what protects the people."""


@keys.command()
@click.argument("name", metavar="NAME")
@click.option("--may", required=True, metavar=PERMISSIONS, help="What the key may do, separated by commas.")
@click.option("--signed", is_flag=True, help="Demand signed requests, by a secret that is shown with the key.")
@click.option(
    "--public-key",
    type=click.Path(path_type=Path, readable=False),
    metavar="PEM",
    help="Demand requests signed by the RSA key (2048 bits or more) whose public half this is.",
)
@JSON_OPTION
@with_settings
def create(*, name: str, may: str, signed: bool, public_key: Path | None, as_json: bool, settings: Settings) -> None:
    """Make the key NAME. Its value is shown once, on standard output, and stored nowhere."""
    if signed and public_key is not None:
        raise click.UsageError("choose one of --signed and --public-key")
    algorithm = Algorithm.HMAC if signed else Algorithm.RSA if public_key is not None else None
    pem = None if public_key is None else _read(public_key)
    permissions = parse_permissions(may)
    with _open(settings) as (ring, audit):
        made = ring.create(name, permissions, algorithm=algorithm, public_key=pem)
        _show(made, as_json=as_json)  # before anything else may fail: nobody can show it again
        _record(audit, "create key", name)


@keys.command("list")
@JSON_OPTION
@with_settings
def list_keys(*, as_json: bool, settings: Settings) -> None:
    """List every key ever made, with its last use."""
    with _open(settings) as (ring, _):
        found = ring.all()
    if as_json:
        echo_json([_json(key) for key in found])
        return
    if not found:
        click.echo("no key yet, so the API answers nobody; make one with: auther keys create NAME --may identify")
    for key in found:
        click.echo(f"{key.name}  {_words(key)}")


@keys.command()
@click.argument("name", metavar="NAME")
@with_settings
def revoke(*, name: str, settings: Settings) -> None:
    """Revoke the key NAME: from now on it opens nothing, without a restart."""
    with _open(settings) as (ring, audit):
        ring.revoke(name)
        click.echo(f"{name}: revoked")
        _record(audit, "revoke key", name)


@contextmanager
def _open(settings: Settings) -> Iterator[tuple[KeyRing, AuditTrail]]:
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(settings)))
        ring = stack.enter_context(closing(open_keys(settings.storage.folder, store)))
        audit = stack.enter_context(closing(open_audit(settings.storage.folder, store)))
        yield ring, audit


def _show(made: NewApiKey, *, as_json: bool) -> None:
    if as_json:
        echo_json({**_json(made.key), "key": made.value, "secret": made.secret})
        return
    click.echo(made.value)
    if made.secret is not None:
        click.echo(f"secret {made.secret}")
    click.echo(f"{made.key.name}: keep it now; it can't be shown again. Send it in the header Api-Key", err=True)


def _record(audit: AuditTrail, what: str, name: str) -> None:
    try:
        audit.append(Entry(f"cli:{getpass.getuser()}", what, name, "done"))
    except AuditError as error:
        raise AuditError(f"{what} {name}: done, but no line in the audit trail says so: {error}") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ApiKeyError(f"{path}: can't be read: {error}") from error


def _json(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "permissions": sorted(permission.value for permission in key.permissions),
        "algorithm": None if key.algorithm is None else key.algorithm.value,
        "created": to_iso(key.created),
        "used": None if key.used is None else to_iso(key.used),
        "revoked": None if key.revoked is None else to_iso(key.revoked),
    }


def _words(key: ApiKey) -> str:
    parts = ["may " + ",".join(sorted(permission.value for permission in key.permissions))]
    if key.algorithm is not None:
        parts.append(f"signs with {key.algorithm.value}")
    parts.append("never used" if key.used is None else f"used {to_iso(key.used)}")
    if key.revoked is not None:
        parts.append(f"revoked {to_iso(key.revoked)}")
    return ", ".join(parts)
