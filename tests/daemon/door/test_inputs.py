import queue
from collections.abc import Iterator
from contextlib import contextmanager

from daemon.backoff import Backoff
from daemon.door.inputs import InputWatcher
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from hw.errors import LineError
from hw.simulated import SimulatedInputLine
from tests.helpers.threads import LONG, running


class Panel:
    """A line that can be unplugged and plugged in, watched by a thread."""

    def __init__(self) -> None:
        self.line = SimulatedInputLine()
        self.plugged = True
        self.levels: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[DoorEvent] = queue.SimpleQueue()

    def open_line(self) -> SimulatedInputLine:
        if not self.plugged:
            raise LineError("/dev/gpiochip9: no such GPIO chip")
        return self.line

    def unplug(self) -> None:
        self.plugged = False
        self.line.unplug()

    def plug_in(self, *, active: bool) -> None:
        self.line = SimulatedInputLine()
        self.line.drive(active)
        self.plugged = True

    @contextmanager
    def watched(self) -> Iterator[None]:
        watcher = InputWatcher(
            name="contact",
            open_line=self.open_line,
            on_level=lambda level, _at: self.levels.put(level),
            on_event=self.events.put,
            backoff=Backoff(shortest=0.001, longest=0.01),
        )
        with running(watcher.run):
            yield


def test_the_first_level_and_each_change_are_handed_on() -> None:
    panel = Panel()
    with panel.watched():
        assert panel.levels.get(timeout=LONG) is False
        for active in (True, False, True):
            panel.line.drive(active)
            assert panel.levels.get(timeout=LONG) is active
    assert panel.events.empty()


def test_a_line_that_vanishes_is_told_once_and_found_again() -> None:
    panel = Panel()
    with panel.watched():
        assert panel.levels.get(timeout=LONG) is False
        panel.unplug()
        assert panel.levels.get(timeout=LONG) is None
        lost = panel.events.get(timeout=LONG)
        assert lost.type is EventType.DEVICE_LOST
        assert lost.detail is not None
        assert lost.detail.startswith("contact: ")
        panel.plug_in(active=True)
        assert panel.levels.get(timeout=LONG) is True
        assert panel.events.get(timeout=LONG).type is EventType.DEVICE_BACK


def test_a_line_that_is_absent_at_first_is_tried_again() -> None:
    panel = Panel()
    panel.plugged = False
    with panel.watched():
        assert panel.levels.get(timeout=LONG) is None
        panel.plug_in(active=True)
        assert panel.levels.get(timeout=LONG) is True
