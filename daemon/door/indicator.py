"""What lights and buzzer beside a door show: the last decision for a moment, else what a panel ordered. Pure."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from hw.osdp_orders import BuzzerOrder, Color, EndTemporary, LedOrder, Order, OutputOrder

GRANTED_TONE = BuzzerOrder(on=True, on_seconds=0.2, times=1)
DENIED_TONE = BuzzerOrder(on=True, on_seconds=0.1, off_seconds=0.1, times=3)

# A lamp of two colours mixes what it lacks out of what it has.
_RED: frozenset[Color] = frozenset({"red", "amber", "magenta", "white"})
_GREEN: frozenset[Color] = frozenset({"green", "amber", "blue", "cyan", "white"})

Kind = TypeVar("Kind", LedOrder, BuzzerOrder, OutputOrder)


@dataclass(frozen=True)
class Shown:
    """Which lines are active."""

    red: bool = False
    green: bool = False
    buzzer: bool = False
    output: bool = False


@dataclass(frozen=True)
class _Begun(Generic[Kind]):
    """An order, when it began and when it is over (None: with the next one), monotonic seconds."""

    order: Kind
    at: float
    until: float | None = None

    def holds(self, now: float) -> bool:
        return self.until is None or now < self.until


class IndicatorPlan:
    """Knows at each moment what is to be shown; `seconds` is how long a decision shows, `tones` whether it sounds.

    A decision shows over all that a panel ordered, since it is what the person at the door waits for.
    """

    def __init__(self, *, seconds: float, tones: bool) -> None:
        self._seconds, self._tones = seconds, tones
        self._decision: _Begun[LedOrder] | None = None
        self._temporary: _Begun[LedOrder] | None = None
        self._permanent: _Begun[LedOrder] | None = None
        self._buzzer: _Begun[BuzzerOrder] | None = None
        self._output: _Begun[OutputOrder] | None = None

    def decide(self, *, granted: bool, at: float) -> None:
        """Somebody was let in, or was not."""
        self._decision = _Begun(LedOrder("green" if granted else "red"), at, at + self._seconds)
        if self._tones:
            self._sound(GRANTED_TONE if granted else DENIED_TONE, at)

    def order(self, order: Order, at: float) -> None:
        """The panel's word; of each kind the last one holds."""
        if isinstance(order, EndTemporary):
            self._temporary = None
        elif isinstance(order, BuzzerOrder):
            self._sound(order, at)
        elif isinstance(order, OutputOrder):
            self._output = _Begun(order, at, _end(at, order.seconds))
        elif order.seconds is None:
            self._permanent = _Begun(order, at)
        else:
            self._temporary = _Begun(order, at, _end(at, order.seconds))

    def shown(self, now: float) -> Shown:
        """What is to be shown at that monotonic time."""
        color = self._color(now)
        output = self._output
        return Shown(
            red=color in _RED,
            green=color in _GREEN,
            buzzer=self._sounds(now),
            output=output is not None and output.order.on is output.holds(now),
        )

    def rests(self, now: float) -> bool:
        """Whether nothing will change by itself."""
        timed = (self._decision, self._temporary, self._buzzer, self._output)
        light = self._permanent
        blinks = light is not None and light.order.off_seconds > 0
        return not blinks and all(
            one is None or (one.until is None and _steady(one.order)) or not one.holds(now) for one in timed
        )

    def _sound(self, order: BuzzerOrder, at: float) -> None:
        length = order.times * (order.on_seconds + order.off_seconds)
        self._buzzer = _Begun(order, at, at + length if order.times else None) if order.on else None

    def _color(self, now: float) -> Color:
        for begun in (self._decision, self._temporary, self._permanent):
            if begun is not None and begun.holds(now):
                order = begun.order
                return order.color if _is_on(now - begun.at, order.on_seconds, order.off_seconds) else order.other
        return "black"

    def _sounds(self, now: float) -> bool:
        begun = self._buzzer
        if begun is None or not begun.holds(now):
            return False
        return _is_on(now - begun.at, begun.order.on_seconds, begun.order.off_seconds)


def _end(at: float, seconds: float | None) -> float | None:
    return None if seconds is None else at + seconds


def _steady(order: LedOrder | BuzzerOrder | OutputOrder) -> bool:
    return isinstance(order, OutputOrder) or order.off_seconds <= 0


def _is_on(age: float, on: float, off: float) -> bool:
    return off <= 0 or age % (on + off) < on
