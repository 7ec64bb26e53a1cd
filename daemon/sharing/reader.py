"""Reads the retained set of a site, some of its 256 branches at a time, and tells when all has come. No I/O.

MQTT has no end mark for retained messages. So behind each subscription goes a message to ourselves (the marker): a
broker keeps the order of what it has for one subscriber, so when the marker comes back the branches have been read.
Where it doesn't come back (an access list, a cluster that reorders), silence ends them: everything that came is valid
all the same, only nothing is concluded from what did not come.

A broker keeps so much for one subscriber and drops the rest without a word (mosquitto: 1,000 messages). One branch is
asked for at first, then more at a time for as long as few messages come.
"""

import secrets
from dataclasses import dataclass

from daemon.sharing.messages import SHARDS

MARKER_SECONDS = 10.0
SILENCE_SECONDS = 1.0
FEW, MANY = 200, 400
WIDEST = 64


@dataclass(frozen=True)
class Request:
    """Subscribe to those branches, then send the marker."""

    shards: range
    marker: bytes


@dataclass(frozen=True)
class Part:
    """Branches that have been read: the hashes that were there. Without `sure` there may be more."""

    shards: range
    seen: frozenset[bytes]
    sure: bool


class RetainedReader:
    """One pass after the other over all branches; times are monotonic seconds.

    Ask for `request` and carry it out; tell `saw` and `marked`; take the outcome from `read`. A marker is waited for
    for 10 s after the last message; once one has not come back, for 1 s. `passes` counts those that are finished;
    `sure` is whether every marker of the last one came back.
    """

    def __init__(self) -> None:
        self._shards = range(SHARDS, SHARDS)
        self._marker: bytes | None = None
        self._seen: set[bytes] = set()
        self._since = 0.0
        self._returned = False
        self._patience = MARKER_SECONDS
        self._width = 1
        self.passes = 0
        self.sure = True

    @property
    def reading(self) -> bool:
        return self._shards.start < SHARDS

    def start(self) -> None:
        """Begin a pass; one that is under way goes on."""
        if not self.reading:
            self._width, self.sure = 1, True
            self._shards = range(1)

    def request(self, now: float) -> Request | None:
        """What to do next, None while branches are being read or there are none left."""
        if not self.reading or self._marker is not None:
            return None
        self._marker, self._seen, self._since, self._returned = secrets.token_bytes(8), set(), now, False
        return Request(self._shards, self._marker)

    def saw(self, person_hash: bytes, now: float) -> bool:
        """A message came; says whether it is of the branches that are being read."""
        if self._marker is None or person_hash[0] not in self._shards:
            return False
        self._seen.add(person_hash)
        self._since = now
        return True

    def marked(self, payload: bytes) -> None:
        """A marker came back; one of earlier branches or another connection means nothing."""
        self._returned = self._returned or payload == self._marker

    def read(self, now: float) -> Part | None:
        """The branches that have just been read, once."""
        if self._marker is None or not (self._returned or now - self._since > self._patience):
            return None
        if not self._returned:
            self._patience, self.sure = SILENCE_SECONDS, False
        part = Part(self._shards, frozenset(self._seen), self._returned)
        self._marker = None
        self._advance()
        return part

    def _advance(self) -> None:
        if len(self._seen) < FEW:
            self._width = min(2 * self._width, WIDEST)
        elif len(self._seen) > MANY:
            self._width = max(self._width // 2, 1)
        start = self._shards.stop
        self._shards = range(start, min(start + self._width, SHARDS))
        self.passes += not self.reading
