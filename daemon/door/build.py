"""Makes the door's parts of its section of the configuration."""

from collections.abc import Callable
from functools import partial

from daemon.config.door import Door, GpiodInput, SimulatedLine
from daemon.config.settings import Settings
from daemon.door.free_access import FreeAccess
from daemon.door.inputs import InputWatcher
from daemon.door.machine import DoorMachine
from daemon.door.memory import MarkFile
from daemon.door.runner import DoorListener, DoorRunner
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.rules.schedule import schedules
from hw.backends import make_input_line, make_output_line
from hw.lines import InputLine
from hw.reopening import ReopeningLine
from hw.strike import Strike


def open_strike(door: Door) -> Strike:
    """The strike, locked. Raises BackendError or LineError."""
    options = door.strike.model_dump(exclude={"backend"})
    line = ReopeningLine(open_line=partial(make_output_line, door.strike.backend, options))
    return Strike(line=line, fail_safe=door.fail_safe)


def make_runner(
    settings: Settings, *, strike: Strike, listener: DoorListener, lockdown: bool, free: FreeAccess
) -> DoorRunner:
    """The door's thread-to-be; `lockdown` is how it was left by the run before."""
    return DoorRunner(
        strike=strike,
        machine=DoorMachine(settings=settings.door, lockdown=lockdown),
        listener=listener,
        grant_deadline_seconds=settings.policy.grant_deadline_seconds,
        max_unlock_seconds=settings.door.max_unlock_seconds,
        free_access=free.is_on,
        window_ended=free.was_ended(),
    )


def make_watchers(door: Door, *, runner: DoorRunner, listener: DoorListener) -> list[tuple[str, InputWatcher]]:
    """The inputs that the section names, each with its name."""

    def on_contact(closed: bool | None, at: float) -> None:
        runner.contact(None if closed is None else not closed, at)

    def on_exit(pressed: bool | None, at: float) -> None:
        if pressed:
            runner.exit_pressed(at)

    tampered = False

    def on_tamper(closed: bool | None, at: float) -> None:
        nonlocal tampered
        if closed is not None and closed is tampered:
            tampered = not closed
            listener.tell_event(DoorEvent(EventType.TAMPER if tampered else EventType.TAMPER_ENDED, at))

    wanted: list[tuple[str, SimulatedLine | GpiodInput | None, Callable[[bool | None, float], None]]] = [
        ("contact", door.contact, on_contact),
        ("exit button", door.exit_button, on_exit),
        ("tamper", door.tamper, on_tamper),
    ]
    return [
        (name, InputWatcher(name=name, open_line=line_opener(line), on_level=heed, on_event=listener.tell_event))
        for name, line, heed in wanted
        if line is not None
    ]


def line_opener(line: SimulatedLine | GpiodInput) -> Callable[[], InputLine]:
    """Opens an input of the configuration; raises BackendError or LineError when called."""
    return partial(make_input_line, line.backend, line.model_dump(exclude={"backend"}))


def make_free_access(settings: Settings) -> FreeAccess:
    """The windows of the configuration; without a schedule there are none."""
    name = settings.door.unlock_schedule
    mark = MarkFile(settings.storage.folder / "window-ended", locked="locked until the next window")
    return FreeAccess(covers=(lambda _: False) if name is None else schedules(settings.rules)[name].covers, mark=mark)
