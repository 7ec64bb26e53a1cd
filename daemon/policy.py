"""When a sequence of observations is a decision. Pure: no pixels, no clock, no I/O."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from daemon.config import Liveness, Policy
from daemon.types import Decision, Observation, Reason

# Liveness is judged over the last second of a track: long enough for a blink of the network, short enough to wait for.
LIVENESS_WINDOW_SECONDS = 1.0


@dataclass
class _Track:
    """What is known of one presentation; `recent` holds the observations of the last second, oldest first.

    `clear_since` is the time of the first of a series of clear frames (those that were compared) that no second
    without one has ended, `spoof_balance` the clear spoof frames less the live ones that followed.
    """

    first_seen: float
    clear_since: float = float("inf")
    recent: deque[Observation] = field(default_factory=deque)
    quiet_until: float = float("-inf")
    settled: bool = False
    spoof_balance: int = 0

    @property
    def clear(self) -> list[Observation]:
        return [o for o in self.recent if o.liveness is not None]

    def is_new(self, observation: Observation) -> bool:
        return not self.recent or observation.captured > self.recent[-1].captured

    def add(self, observation: Observation) -> None:
        while self.recent and observation.captured - self.recent[0].captured > LIVENESS_WINDOW_SECONDS:
            self.recent.popleft()
        if observation.liveness is not None and not self.clear:
            self.clear_since = observation.captured
        self.recent.append(observation)


class AccessPolicy:
    """Adds up the observations of each track until it is granted or denied.

    A track is granted at most once and a spoof verdict ends it; other denials are told and the track may try on.
    Comparisons ask whether a value is good enough, never whether it is bad: of a NaN neither is true.
    """

    def __init__(self, *, policy: Policy, liveness: Liveness) -> None:
        self._policy = policy
        self._liveness = liveness
        self._tracks: dict[int, _Track] = {}
        self._granted_at: dict[str, float] = {}
        self._spoofed_at: deque[float] = deque(maxlen=policy.lockout_spoofs)
        self._locked_until = float("-inf")

    def wants(self, track_id: int) -> bool:
        """Whether another frame of this track could change anything."""
        track = self._tracks.get(track_id)
        return track is None or not track.settled

    def retain(self, track_ids: Iterable[int]) -> None:
        """Forget every track but these, which the tracker still follows."""
        alive = set(track_ids)
        self._tracks = {track_id: track for track_id, track in self._tracks.items() if track_id in alive}

    def update(self, observation: Observation, now: float) -> Decision | None:
        """Take one observation at monotonic time `now` (seconds) and say what it decides, if anything.

        A frame counts once: one that isn't newer than the last of its track changes nothing.
        """
        track = self._tracks.setdefault(observation.track_id, _Track(first_seen=observation.captured))
        if track.settled or not track.is_new(observation):
            return None
        track.add(observation)
        self._weigh(track, observation)
        decision = self._judge(track, observation, now)
        if decision is not None:
            self._settle(track, decision)
        return decision

    def _weigh(self, track: _Track, latest: Observation) -> None:
        """Add a clear spoof frame to the balance, or take one off for a live frame.

        A live frame does not clear the balance: a picture that flickers now and then as if it lived stays a picture.
        """
        if self._is_live(latest):
            track.spoof_balance = max(0, track.spoof_balance - 1)
        elif latest.liveness is not None and latest.liveness < self._liveness.spoof_threshold:
            track.spoof_balance += 1

    def _judge(self, track: _Track, latest: Observation, now: float) -> Decision | None:
        if track.spoof_balance >= self._liveness.spoof_frames:
            return _denial(track, latest, Reason.SPOOF)
        locked = latest.captured < self._locked_until
        grant = None if locked else self._grant(track.clear, latest)
        if grant is not None and 0 <= now - latest.captured <= self._policy.grant_deadline_seconds:
            return grant
        if latest.captured < track.quiet_until:
            return None
        if locked or grant is not None:
            return _denial(track, latest, Reason.LOCKOUT if locked else Reason.STALE)
        reason = self._shortcoming(track, latest)
        return None if reason is None else _denial(track, latest, reason)

    def _grant(self, clear: Sequence[Observation], latest: Observation) -> Decision | None:
        """A grant, if this frame and k of the last n are live and name one person, who is live over the last second."""
        person = self._match(latest)
        if person is None or not self._is_live(latest) or self._cooling(person, latest.captured):
            return None
        # Only frames that match this very person count: a live face that gives way to a picture lends it nothing.
        own = [o for o in clear if self._match(o) == person]
        window = clear[-self._policy.window_frames :]
        agreeing = [o for o in window if self._match(o) == person and self._is_live(o)]
        contested = any(self._match(o) not in (person, None) for o in window)
        if contested or len(agreeing) < self._policy.agreeing_frames or len(own) < self._liveness.min_frames:
            return None
        # The frames of others count where they speak against it.
        live = min(_mean_liveness(own), _mean_liveness(clear))
        if not live >= self._liveness.threshold:
            return None
        score = fmean(o.candidates[0].score for o in agreeing)
        return Decision(latest.track_id, Reason.GRANTED, latest.captured, person, score, live)

    def _shortcoming(self, track: _Track, latest: Observation) -> Reason | None:
        """What a track that had time enough for a grant lacks; None while it may take longer."""
        clear = track.clear
        since = max(track.clear_since if clear else track.first_seen, track.quiet_until)
        if latest.captured - since < self._policy.unknown_after_seconds:
            return None
        if not clear:
            faults = Counter(o.fault for o in track.recent if o.fault is not None)
            return faults.most_common(1)[0][0] if faults else None
        if not _mean_liveness(clear) >= self._liveness.threshold:
            return Reason.LIVENESS
        reason = Counter(self._mismatch(o) for o in clear).most_common(1)[0][0]
        return reason or self._shortcoming_of_matches(clear, latest.captured)

    def _shortcoming_of_matches(self, clear: Sequence[Observation], captured: float) -> Reason | None:
        people = Counter(person for o in clear if (person := self._match(o)) is not None).most_common(2)
        if self._cooling(people[0][0], captured):
            return None
        # One person who matches and still isn't granted lacks live frames of their own.
        return Reason.LIVENESS if len(people) == 1 else Reason.AMBIGUOUS

    def _is_live(self, observation: Observation) -> bool:
        return observation.liveness is not None and observation.liveness >= self._liveness.threshold

    def _match(self, observation: Observation) -> str | None:
        """The one person whom a frame names."""
        if observation.liveness is None or self._mismatch(observation) is not None:
            return None
        return observation.candidates[0].person_id

    def _mismatch(self, observation: Observation) -> Reason | None:
        """Why the candidates of a frame name nobody: too far away, or two people too close to each other."""
        scores = [candidate.score for candidate in observation.candidates]
        if not scores or not scores[0] >= observation.threshold:
            return Reason.UNKNOWN
        distinct = all(scores[0] - score >= self._policy.margin for score in scores[1:])
        return None if distinct else Reason.AMBIGUOUS

    def _cooling(self, person_id: str, captured: float) -> bool:
        granted_at = self._granted_at.get(person_id)
        return granted_at is not None and captured - granted_at < self._policy.cooldown_seconds

    def _settle(self, track: _Track, decision: Decision) -> None:
        if decision.person_id is not None:
            self._granted_at[decision.person_id] = decision.captured
        if decision.reason is Reason.SPOOF:
            self._count_spoof(decision.captured)
        track.settled = decision.reason in (Reason.GRANTED, Reason.SPOOF)
        track.quiet_until = decision.captured + self._policy.retry_seconds

    def _count_spoof(self, captured: float) -> None:
        self._spoofed_at.append(captured)
        full = len(self._spoofed_at) == self._policy.lockout_spoofs
        if full and captured - self._spoofed_at[0] <= self._policy.lockout_window_seconds:
            self._locked_until = captured + self._policy.lockout_seconds
            self._spoofed_at.clear()


def _mean_liveness(observations: Iterable[Observation]) -> float:
    return fmean(o.liveness for o in observations if o.liveness is not None)


def _denial(track: _Track, latest: Observation, reason: Reason) -> Decision:
    score = latest.candidates[0].score if latest.candidates else None
    live = _mean_liveness(track.clear) if track.clear else None
    return Decision(latest.track_id, reason, latest.captured, score=score, liveness=live)
