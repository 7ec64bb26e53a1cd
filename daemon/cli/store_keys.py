"""`auther keys rotate-store`, `auther keys renew-transform`: new secrets for the people on disk, while the terminal
runs.
"""

from contextlib import closing

import click

from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.enrolment.build import store_key
from daemon.errors import ConfigError
from daemon.storage.masterkey import CREDENTIAL, VARIABLE, GivenKey
from daemon.storage.renewal import renew_transform as renew


@click.command("rotate-store")
@JSON_OPTION
@with_settings
def rotate_store(*, as_json: bool, settings: Settings) -> None:
    """Encrypt the store anew under new keys.

    A master key in a file is replaced. One that systemd or the environment gives can only be replaced there: give the
    new one beside it first, as credential auther-master-key-next or AUTHER_MASTER_KEY_NEXT, to the daemon too, and
    afterwards it alone.
    """
    key = store_key(settings)
    source, replaced = key.name, not isinstance(key, GivenKey) or key.next_key is not None
    with closing(open_store(settings)) as store:
        store.file.rotate()
    if as_json:
        echo_json({"source": source, "master_key_replaced": replaced})
    elif replaced:
        click.echo(f"{source}: new; the store is encrypted anew. Backups keep their passphrase")
    else:
        click.echo(f"the store is encrypted anew under a new data key; {source} stays the master key")
        click.echo(
            f"to replace that too, give the new one as credential {CREDENTIAL}-next or {VARIABLE}_NEXT and run this "
            "again",
            err=True,
        )


@click.command("renew-transform")
@JSON_OPTION
@with_settings
def renew_transform(*, as_json: bool, settings: Settings) -> None:
    """Turn all templates into a new secret space: stolen ones become worthless.

    Nobody has to be enrolled again. Older backups restore the old space with their templates.
    """
    if settings.sharing.enabled:
        raise ConfigError(
            "sharing.enabled: the secret of this space is the site's and comes from the site key; to renew it, give "
            "every terminal of the site a new one (`auther site --help`)"
        )
    with closing(open_store(settings)) as store:
        count = renew(store)
    if as_json:
        echo_json({"templates": count})
    else:
        click.echo(f"{count} template(s) turned; copies taken before compare with nothing any more")


STORE_KEYS = (rotate_store, renew_transform)
