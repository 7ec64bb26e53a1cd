"""The rules at work: between the policy and the door, with clock, people, cards and PINs."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Protocol

from daemon.events.door_changes import DoorEvent
from daemon.rules.access import AccessRules, Verdict
from daemon.rules.credentials import Card, CredentialBook
from daemon.types import Decision


class RulesListener(Protocol):
    """Hears of denials and alarms; each method returns at once."""

    def tell(self, decision: Decision, driven: float | None = None) -> None: ...

    def tell_event(self, event: DoorEvent) -> None: ...


class AccessControl:
    """Asks the rules and passes the answer on: grants to the door first, then denials and alarms to the listener."""

    def __init__(
        self,
        *,
        rules: AccessRules,
        credentials: CredentialBook | None,
        grant: Callable[[Decision], None],
        listener: RulesListener,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._rules, self._credentials = rules, credentials
        self._grant, self._listener = grant, listener
        self._clock, self._wall = clock, wall
        self._lock = threading.Lock()

    @property
    def waiting_for(self) -> str | None:
        """The person_id whose PIN is wanted now, for the console."""
        return self._rules.waiting_for

    def decide(self, decision: Decision) -> float | None:
        """What the policy decided. Any thread; returns at once.

        Of a grant that the rules refuse: from when (monotonic) on that face may be judged again; of all else None.
        """
        with self._lock:
            now = self._clock()
            # What is over is told before what comes after it, however late the next tick.
            late = self._rules.expire(now)
            verdict = self._rules.judge(decision, now=now, wall=self._wall())
        self._pass_on(late)
        let_in = self._pass_on(verdict)
        return verdict.again if verdict is not None and decision.granted and not let_in else None

    def pin(self, pin: str) -> bool:
        """A PIN was entered at the console; whether it opened the door. Takes as long as hashing it."""
        person_id = self._rules.waiting_for
        if person_id is None or self._credentials is None:
            return False
        right = self._credentials.pin_matches(person_id, pin)
        with self._lock:
            if self._rules.waiting_for != person_id:
                return False
            verdict = self._rules.pin(right, now=self._clock(), wall=self._wall())
        return self._pass_on(verdict)

    def card(self, card: Card) -> bool:
        """A card was read at the reader input; whether it opened the door."""
        owner = self._credentials.owner(card) if self._credentials is not None else None
        with self._lock:
            verdict = self._rules.card(owner, now=self._clock(), wall=self._wall())
        return self._pass_on(verdict)

    def entered(self) -> Mapping[str, float]:
        """Who counts as inside, and since when (monotonic)."""
        with self._lock:
            return self._rules.entered(self._clock())

    def left(self, person_id: str) -> None:
        """That person went out, as a reader or terminal on the other side says, or was granted and did not come in."""
        with self._lock:
            self._rules.left(person_id)

    def tick(self) -> None:
        """Let what was not followed in time expire; wants to be called about each second."""
        with self._lock:
            verdict = self._rules.expire(self._clock())
        self._pass_on(verdict)

    def _pass_on(self, verdict: Verdict | None) -> bool:
        if verdict is None:
            return False
        for decision in (verdict.companion, verdict.decision):
            if decision is None:
                continue
            if decision.granted:
                self._grant(decision)
            else:
                self._listener.tell(decision)
        for alarm in verdict.alarms:
            self._listener.tell_event(alarm)
        return verdict.decision.granted
