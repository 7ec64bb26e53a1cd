"""From a decision to what the building is told: on disk first, then to the broker, the journal and whoever listens."""

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from daemon.errors import StoreError
from daemon.events.building_events import DECISIONS, EVENTS, Entry, EventType, Severity
from daemon.events.door_changes import DoorEvent
from daemon.events.messages import Alarm, DoorState, access_payload, alarm_payload, event_payload, rounded
from daemon.events.outbox import Outbox, StoredEvent
from daemon.log_line import fields
from daemon.types import AccessEvent, Decision, Prompt
from models.similarity import ScoreScale

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
ABOUT_PEOPLE = (EventType.ENROLLED, EventType.ENROLMENT_FAILED, EventType.DURESS, EventType.PASSBACK)
_LEVELS = {
    Severity.INFO: logging.INFO,
    Severity.NOTICE: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.CRITICAL: logging.ERROR,
}


@dataclass(frozen=True)
class _Told:
    """A decision, and when (monotonic seconds) the strike was driven for it, if it was."""

    decision: Decision
    driven: float | None


class EventLog:
    """One thread writes events, so that neither vision nor door ever waits for a disk.

    `on_access` gets each stored decision, `on_event` each stored event or alarm and `on_door` each state of the door,
    in order, on that thread.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        scale: ScoreScale,
        on_access: Callable[[Mapping[str, object]], None],
        on_event: Callable[[Mapping[str, object]], None],
        on_door: Callable[[DoorState], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._outbox = outbox
        self._scale = scale
        self._on_access = on_access
        self._on_event = on_event
        self._on_door = on_door
        self._clock = clock
        self._wall = wall
        self._queue: queue.SimpleQueue[_Told | DoorEvent | DoorState] = queue.SimpleQueue()

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        """Hand over a decision; returns at once."""
        self._queue.put(_Told(decision, driven))

    def tell_prompt(self, prompt: Prompt) -> None:
        """Hand over a challenge that a person has to answer; returns at once."""
        self.tell_event(DoorEvent(EventType.CHALLENGE, prompt.captured, detail=prompt.challenge.value))

    def tell_event(self, event: DoorEvent) -> None:
        """Hand over what happened at the door; returns at once."""
        self._queue.put(event)

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:
        """Hand over how the door stands now; returns at once."""
        self._queue.put(DoorState(locked=locked, lockdown=lockdown, open=is_open, changed=self._wall()))

    def run(self, stop: threading.Event) -> None:
        """Write events until told to stop, and then what is still waiting."""
        while True:
            try:
                told = self._queue.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if stop.is_set():
                    return
                continue
            if isinstance(told, DoorState):
                self._on_door(told)
            elif isinstance(told, DoorEvent):
                self._write_event(told)
            else:
                self._write(self._event(told))

    def _event(self, told: _Told) -> AccessEvent:
        decision = told.decision
        age = self._clock() - decision.captured
        score = _finite(decision.score)
        return AccessEvent(
            decision="granted" if decision.granted else "denied",
            reason=decision.reason,
            captured=self._wall() - age,
            track_id=decision.track_id,
            person_id=decision.person_id,
            similarity=None if score is None else self._scale.similarity(score),
            liveness=_finite(decision.liveness),
            relay_ms=_relay_ms(told),
        )

    def _write(self, event: AccessEvent) -> None:
        entry = DECISIONS[event.reason]
        stored = self._store("access", {**access_payload(event), **_gravity(entry)})
        self._log_decision(event, stored)
        if stored is not None:
            self._on_access(stored.payload)

    def _log_decision(self, event: AccessEvent, stored: StoredEvent | None) -> None:
        log.info(
            "%s (%s)",
            event.decision,
            event.reason.value,
            extra=fields(
                person=event.person_id,
                track=event.track_id,
                similarity=rounded(event.similarity, 1),
                liveness=rounded(event.liveness, 3),
                relay_ms=rounded(event.relay_ms, 1),
                event_id=None if stored is None else stored.event_id,
                said={"decision": event.decision, "reason": event.reason.value},
            ),
        )

    def _write_event(self, event: DoorEvent) -> None:
        entry = EVENTS[event.type]
        at = self._wall() - (self._clock() - event.at)
        detail = event.detail or (event.cause.value if event.cause else None)
        if entry.alarm:
            payload = alarm_payload(cast(Alarm, event.type.value), at=at, detail=detail)
        else:
            payload = event_payload(event.type.value, at=at, detail=detail)
        stored = self._store("alarm" if entry.alarm else "event", {**payload, **_gravity(entry)})
        self._log_event(event, stored)
        if stored is not None:
            self._on_event(stored.payload)

    def _log_event(self, event: DoorEvent, stored: StoredEvent | None) -> None:
        about_person = event.type in ABOUT_PEOPLE
        detail = f": {event.detail}" if event.detail and not about_person else ""
        named = fields(
            person=event.detail if about_person else None,
            said={"event": event.type.value, "event_id": None if stored is None else stored.event_id},
        )
        log.log(_LEVELS[EVENTS[event.type].severity], "%s%s", event.type.value, detail, extra=named)

    def _store(self, topic: str, payload: Mapping[str, object]) -> StoredEvent | None:
        try:
            return self._outbox.append(topic, payload)
        except StoreError as error:
            # A full disk must not keep a door shut: the decision stands, and its loss is told.
            log.error("an event was lost: %s", error)
            return None


def _gravity(entry: Entry) -> dict[str, object]:
    return {"severity": entry.severity.value, "bacnet": entry.bacnet}


def _finite(value: float | None) -> float | None:
    """A network that answers NaN gets nobody in, but the denial must reach the building, and JSON has no NaN."""
    return value if value is not None and math.isfinite(value) else None


def _relay_ms(told: _Told) -> float | None:
    # A replay that runs faster than real time stamps its frames ahead of the clock: there is nothing to measure then.
    if told.driven is None or told.driven < told.decision.captured:
        return None
    return (told.driven - told.decision.captured) * 1000
