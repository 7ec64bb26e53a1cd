"""The lights' thread, on simulated lines."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from daemon.door.indicator import IndicatorPlan
from daemon.door.lights import Lights, Part
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.types import Decision, Reason
from hw.errors import LineError
from hw.lines import OutputLine
from hw.osdp_orders import LedOrder
from hw.simulated import SimulatedOutputLine
from tests.helpers.threads import LONG
from tests.helpers.threads import running as beside

GRANT, DENIAL = Decision(1, Reason.GRANTED, 0.0, "ada"), Decision(2, Reason.SPOOF, 0.0)


class Watched(SimulatedOutputLine):
    """A simulated line that can be waited for, and that may fail some times."""

    def __init__(self, *, fails: int = 0) -> None:
        self._changed = threading.Condition()
        self.fails = fails
        super().__init__()

    def set(self, active: bool) -> None:
        with self._changed:
            if self.fails:
                self.fails -= 1
                raise LineError("gpiochip9: gone")
            super().set(active)
            self._changed.notify_all()

    def wait(self, active: bool) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.active is active, LONG)


@contextmanager
def running(lines: dict[Part, OutputLine], *, seconds: float = 60.0) -> Iterator[Lights]:
    lights = Lights(plan=IndicatorPlan(seconds=seconds, tones=False), lines=lines)
    with beside(lights.run):
        yield lights


def test_decisions_light_up_and_all_is_dark_after_the_end() -> None:
    green, red = Watched(), Watched()
    with running({"green": green, "red": red}) as lights:
        lights.tell(GRANT, 0.1)
        green.wait(True)
        lights.tell(DENIAL)
        red.wait(True)
        green.wait(False)
    assert not red.active


def test_a_light_goes_out_by_itself() -> None:
    green = Watched()
    with running({"green": green}, seconds=0.2) as lights:
        lights.tell(GRANT, 0.1)
        green.wait(True)
        green.wait(False)


@pytest.mark.parametrize(
    "tell",
    [
        lambda lights: lights.tell(GRANT, None),
        lambda lights: lights.order(LedOrder("red")),
    ],
    ids=["a grant that did not drive the strike", "a panel's order"],
)
def test_what_shows_red(tell: Callable[[Lights], None]) -> None:
    red, green = Watched(), Watched()
    with running({"red": red, "green": green}) as lights:
        tell(lights)
        red.wait(True)
    assert [switching.active for switching in green.history] == [False, False]


def test_duress_shows_nothing() -> None:
    red, green = Watched(), Watched()
    with running({"red": red, "green": green}) as lights:
        lights.tell_event(DoorEvent(EventType.DURESS, 0.0))
        lights.tell_door(locked=False, lockdown=False, is_open=None)
        lights.tell(GRANT, 0.1)
        green.wait(True)
    assert [switching.active for switching in red.history] == [False, False]


def test_a_line_that_fails_is_named_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    green = Watched(fails=3)
    with caplog.at_level("INFO"), running({"green": green}) as lights:
        lights.tell(GRANT, 0.1)
        green.wait(True)
    assert caplog.text.count("indicator.green: gpiochip9: gone") == 1
    assert "indicator.green: works again" in caplog.text
