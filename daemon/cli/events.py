"""`auther events`: what happened at the door."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import click

from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.events.history import EventHistory
from daemon.events.outbox import StoredEvent
from daemon.timestamps import from_iso

POLL_SECONDS = 0.5
KINDS = ("access", "alarm", "event")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

Wanted = Callable[[StoredEvent], bool]


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "--last", "-n", type=click.IntRange(0), default=20, show_default=True, metavar="N", help="So many before."
)
@click.option("--since", metavar="TIME", help="From then on: 2026-11-23T08:00:00Z, or 15m, 2h, 3d ago.")
@click.option("--kind", type=click.Choice(KINDS), multiple=True, help="Only these; may be given several times.")
@click.option("--person", metavar="ID", help="Only decisions about this person.")
@JSON_OPTION
@with_settings
def events(
    *,
    follow: bool,
    last: int,
    since: str | None,
    kind: tuple[str, ...],
    person: str | None,
    as_json: bool,
    settings: Settings,
) -> None:
    """Print decisions, alarms and events of the door, one a line, oldest first."""
    history = EventHistory(settings.storage.folder / "events.db")

    def wanted(event: StoredEvent) -> bool:
        about = person is None or event.payload.get("person_id") == person
        return about and (not kind or event.topic in kind)

    for event in _chosen(history, follow=follow, last=last, since=_time(since), wanted=wanted):
        if as_json:
            echo_json({"kind": event.topic, **event.payload})
        else:
            click.echo(_line(event))


def _chosen(
    history: EventHistory, *, follow: bool, last: int, since: float | None, wanted: Wanted
) -> Iterator[StoredEvent]:
    seq = history.newest()
    stored = history.after(0) if since is None else history.since(since)
    shown = [event for event in stored if event.seq <= seq and wanted(event)]
    yield from shown if since is not None else shown[len(shown) - min(last, len(shown)) :]
    while follow:
        time.sleep(POLL_SECONDS)
        for event in history.after(seq):
            seq = event.seq
            if wanted(event):
                yield event


def _time(text: str | None) -> float | None:
    if text is None:
        return None
    number, unit = text[:-1], text[-1:]
    if number.isascii() and number.isdecimal() and unit in _UNITS:
        return time.time() - int(number) * _UNITS[unit]
    try:
        return from_iso(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r}: expected a time such as 2026-11-23T08:00:00Z, or 15m, 2h, 3d", param_hint="--since"
        ) from None


def _line(event: StoredEvent) -> str:
    """Local time, what, and what is known of it."""
    payload = event.payload
    at = datetime.fromtimestamp(event.appended, timezone.utc).astimezone()
    if event.topic == "access":
        what = f"{payload.get('decision')} ({payload.get('reason')})"
        details = [f"{name}={payload[name]}" for name in ("person_id", "similarity", "relay_ms") if payload.get(name)]
    else:
        what = f"{event.topic} {payload.get(event.topic)}"
        details = [f"{payload['detail']}"] if payload.get("detail") else []
    return " ".join((f"{at:%Y-%m-%d %H:%M:%S}", f"#{event.seq}", what, *details))
