"""Builds sharing from the configuration, where it is switched on."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from daemon.config.settings import Settings
from daemon.events.messages import Alarm, alarm_payload
from daemon.events.outbox import Outbox
from daemon.sharing.site_key import SiteKey, find_site_key
from daemon.sharing.thread import Sharer
from daemon.storage.store import Store


def site_key_file(settings: Settings) -> Path:
    """Where the site's key stands, or is going to."""
    return settings.sharing.site_key_file or settings.storage.folder / "site.key"


def site_key(settings: Settings, environ: Mapping[str, str]) -> SiteKey:
    """The site's key of a configuration. Raises SiteKeyError."""
    return find_site_key(key_file=site_key_file(settings), environ=environ)


@contextmanager
def sharing(settings: Settings, *, store: Store, outbox: Outbox, notify: Callable[[], None]) -> Iterator[Sharer | None]:
    """The site's people while the context lasts; None where sharing is off. Alarms go to the outbox, then `notify`.

    Raises SiteKeyError when the key can't be read, and ConfigError as `Sharer` does.
    """
    if not settings.sharing.enabled:
        yield None
        return

    def alarm(kind: Alarm, detail: str) -> None:
        outbox.append("alarm", alarm_payload(kind, at=time.time(), detail=detail))
        notify()

    sharer = Sharer(
        store=store,
        site=site_key(settings, os.environ),
        sharing=settings.sharing,
        mqtt=settings.mqtt,
        device_id=settings.device.id,
        alarm=alarm,
    )
    sharer.start()
    try:
        yield sharer
    finally:
        sharer.close()
