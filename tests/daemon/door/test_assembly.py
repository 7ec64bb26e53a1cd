"""The door side as a whole, over several runs."""

import queue
import threading
from contextlib import ExitStack, closing
from pathlib import Path

from daemon.config.settings import parse
from daemon.door.assembly import assemble_door
from daemon.door.build import open_strike
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.storage.store import open_store
from daemon.types import Decision

LONG = 10.0


class Ears:
    def __init__(self) -> None:
        self.events: queue.SimpleQueue[EventType] = queue.SimpleQueue()

    def tell(self, decision: Decision, driven: float | None = None) -> None: ...

    def tell_event(self, event: DoorEvent) -> None:
        self.events.put(event.type)

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None: ...


def run(folder: Path, *, lock: bool) -> list[EventType]:
    """What a run of a few turns tells, in whose first window the door is locked by command or is not."""
    settings = parse(
        {
            "storage": {"folder": str(folder)},
            "door": {"unlock_schedule": "always"},
            "rules": {"schedules": {"always": {"windows": ["daily 00:00-24:00"]}}},
        },
        source="test",
    )
    ears, stop = Ears(), threading.Event()
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(settings.storage, environ={})))
        strike = stack.enter_context(closing(open_strike(settings.door)))
        side = stack.enter_context(assemble_door(settings, strike=strike, store=store, events=ears, lockdown=False))
        if lock:
            side.runner.lock()
        thread = threading.Thread(target=side.threads[0][1], args=(stop,))
        thread.start()
        while side.runner.turns < 3:
            side.runner.wake()
        stop.set()
        side.runner.wake()
        thread.join(LONG)
        assert not thread.is_alive()
    return [ears.events.get_nowait() for _ in range(ears.events.qsize())]


def test_a_window_that_was_ended_by_command_stays_so_after_a_restart(tmp_path: Path) -> None:
    assert run(tmp_path, lock=False) == [EventType.UNLOCKED, EventType.LOCKED]
    assert run(tmp_path, lock=True) == [EventType.UNLOCKED, EventType.LOCKED]
    for _ in range(2):
        assert run(tmp_path, lock=False) == []
