"""`auther backup`, `auther restore`: everybody in one encrypted file and back, while the terminal runs."""

from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

import click

from daemon.beside import FilesBeside
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.cli.passphrase import PASSPHRASE_FILE, passphrase
from daemon.cli.people import running_model
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.storage.backup import Backup, restore_backup, verify_backup, write_backup
from daemon.storage.backup_folder import add_backup
from daemon.timestamps import to_iso

FILE = click.Path(path_type=Path, readable=False)


@click.command()
@click.argument("file", type=FILE, metavar="[FILE]", required=False)
@click.option("--into", "folder", type=FILE, metavar="DIR", help="Write a new file, named after the time, into DIR.")
@click.option(
    "--keep", type=click.IntRange(1, 10_000), default=14, show_default=True, help="With --into: keep the newest N."
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing: read FILE, check all of it, tell what is in.")
@PASSPHRASE_FILE
@JSON_OPTION
@with_settings
def backup(
    *,
    file: Path | None,
    folder: Path | None,
    keep: int,
    only_check: bool,
    passphrase_file: Path | None,
    as_json: bool,
    settings: Settings,
) -> None:
    """Write everybody with their templates to FILE, encrypted with a passphrase."""
    if (file is None) == (folder is None) or (folder is not None and only_check):
        raise click.UsageError("expected FILE, or --into DIR")
    words = passphrase(passphrase_file, twice=not only_check)
    if file is not None and only_check:
        _report(verify_backup(file, passphrase=words), f"{file}: whole", as_json=as_json)
        return
    with closing(open_store(settings)) as store:
        if folder is not None:
            file, written = add_backup(store, folder, passphrase=words, keep=keep, now=datetime.now(timezone.utc))
        elif file is not None:
            written = write_backup(store, file, passphrase=words)
    _report(written, f"{file}: written", as_json=as_json)


@click.command()
@click.argument("file", type=FILE, metavar="FILE")
@click.option("--keep-stale", is_flag=True, help="Also templates of another network: kept for re-enrolment, unmatched.")
@PASSPHRASE_FILE
@JSON_OPTION
@with_settings
def restore(*, file: Path, keep_stale: bool, passphrase_file: Path | None, as_json: bool, settings: Settings) -> None:
    """Put the people of the backup FILE in place of all who are enrolled."""
    words = passphrase(passphrase_file, twice=False)
    model = running_model(settings)
    with closing(open_store(settings)) as store:
        restored = restore_backup(
            store,
            file,
            passphrase=words,
            model=model,
            keep_stale=keep_stale,
            beside=FilesBeside(settings.storage.folder).made_under,
        )
    _report(restored, f"{file}: restored", as_json=as_json)


def _report(found: Backup, what: str, *, as_json: bool) -> None:
    if as_json:
        echo_json({**asdict(found), "created": to_iso(found.created.timestamp())})
        return
    models = ", ".join(found.models) or "no network"
    click.echo(
        f"{what}: {found.people} people with {found.templates} template(s) of {models}, "
        f"as of {found.created:%Y-%m-%d %H:%M} UTC"
    )
    if found.damaged:
        click.echo(f"{found.damaged} record(s) were damaged in the store and are not in it", err=True)
