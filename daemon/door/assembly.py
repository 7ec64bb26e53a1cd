"""The whole door side of a terminal: strike, lines, rules and what is attached, made of the configuration."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from daemon.config.settings import Settings
from daemon.door.attached import Run, attach, card_reader, open_credentials
from daemon.door.build import make_free_access, make_runner, make_watchers
from daemon.door.entry import EntryWatch
from daemon.door.free_access import FreeAccess
from daemon.door.listeners import Listeners
from daemon.door.priority import run_first
from daemon.door.runner import DoorListener, DoorRunner
from daemon.rules.access import AccessRules
from daemon.rules.control import AccessControl
from daemon.rules.inside import InsideFile
from daemon.rules.people import PeopleDirectory
from daemon.rules.upkeep import Upkeep
from daemon.storage.store import Store
from hw.strike import Strike


@dataclass(frozen=True, eq=False)
class DoorSide:
    """`access.decide` takes the policy's decisions; `threads` are to be run, the door's own first."""

    runner: DoorRunner
    access: AccessControl
    upkeep: Upkeep
    free: FreeAccess
    threads: tuple[tuple[str, Run], ...]

    def refresh(self) -> None:
        """Take up changed people and let what waits in vain expire; to be called each second. Raises StoreError."""
        self.free.keep(self.runner.window_ended)
        try:
            self.upkeep.refresh()
        finally:
            self.access.tick()


@contextmanager
def assemble_door(
    settings: Settings, *, strike: Strike, store: Store, events: DoorListener, lockdown: bool
) -> Iterator[DoorSide]:
    """Raises BackendError, HardwareError, StoreError; closes what it opened."""
    credentials, seal = open_credentials(settings)
    with attach(settings, credentials=credentials, seal=seal) as attached:
        hearers = Listeners((events, *attached.listeners))

        def left(person_id: str) -> None:
            access.left(person_id)

        free = make_free_access(settings)
        runner = make_runner(
            settings, strike=strike, listener=Listeners((EntryWatch(left=left), hearers)), lockdown=lockdown, free=free
        )
        people = PeopleDirectory(store=store)
        inside = InsideFile(path=settings.storage.folder / "inside", seal=seal)
        access = AccessControl(
            rules=AccessRules(rules=settings.rules, find=people.find, entered=inside.load()),
            credentials=credentials,
            grant=runner.grant,
            listener=hearers,
        )

        def run_door(stop: threading.Event) -> None:
            run_first()
            runner.run(stop)

        threads: list[tuple[str, Run]] = [("door", run_door)]
        for name, watcher in make_watchers(settings.door, runner=runner, listener=hearers):
            threads.append((name, watcher.run))
        if settings.reader is not None:
            threads += card_reader(settings, settings.reader, on_card=access.card, on_event=hearers.tell_event)
        upkeep = Upkeep(store=store, people=people, credentials=credentials, access=access, inside=inside)
        with closing(upkeep):
            try:
                yield DoorSide(runner, access, upkeep, free, (*threads, *attached.threads))
            finally:
                free.keep(runner.window_ended)
