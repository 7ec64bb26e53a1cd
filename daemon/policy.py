"""When a sequence of observations is a decision. Pure: no pixels, no clock, no I/O."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from daemon.config import Liveness, Policy
from daemon.types import Decision, Observation, Reason

# Liveness is judged over the last second of a track: long enough for a blink of the network, short enough to wait for.
LIVENESS_WINDOW_SECONDS = 1.0


@dataclass
class _Track:
    """What is known of one presentation; `clear` holds observations without a fault, `faults` the named ones."""

    clear: deque[Observation]
    faults: deque[tuple[float, Reason]]
    first_seen: float
    quiet_until: float = float("-inf")
    settled: bool = False
    spoof_run: int = 0


class AccessPolicy:
    """Adds up the observations of each track until it is granted or denied.

    A track is granted at most once and a spoof verdict ends it; other denials are told and the track may try on.
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
        """Take one observation at monotonic time `now` (seconds) and say what it decides, if anything."""
        track = self._tracks.get(observation.track_id)
        if track is None:
            track = self._new_track(observation)
        if track.settled:
            return None
        self._record(track, observation)
        decision = self._judge(track, observation, now)
        if decision is not None:
            self._settle(track, decision)
        return decision

    def _new_track(self, observation: Observation) -> _Track:
        track = _Track(clear=deque(maxlen=256), faults=deque(maxlen=256), first_seen=observation.captured)
        self._tracks[observation.track_id] = track
        return track

    def _record(self, track: _Track, observation: Observation) -> None:
        if observation.fault is not None:
            track.faults.append((observation.captured, observation.fault))
        if observation.liveness is None:
            return
        track.clear.append(observation)
        clearly_spoof = observation.liveness < self._liveness.spoof_threshold
        track.spoof_run = track.spoof_run + 1 if clearly_spoof else 0

    def _judge(self, track: _Track, latest: Observation, now: float) -> Decision | None:
        recent = [o for o in track.clear if latest.captured - o.captured <= LIVENESS_WINDOW_SECONDS]
        live = fmean(o.liveness for o in recent if o.liveness is not None) if recent else None
        if track.spoof_run >= self._liveness.spoof_frames:
            return _denial(latest, Reason.SPOOF, live)
        locked = latest.captured < self._locked_until
        grant = None if locked else self._grant(recent, latest)
        if grant is not None and now - latest.captured <= self._policy.grant_deadline_seconds:
            return grant
        if latest.captured < track.quiet_until:
            return None
        if locked or grant is not None:
            return _denial(latest, Reason.LOCKOUT if locked else Reason.STALE, live)
        if latest.captured - max(track.first_seen, track.quiet_until) < self._policy.unknown_after_seconds:
            return None
        return self._denial_of(track, recent, latest, live)

    def _grant(self, recent: list[Observation], latest: Observation) -> Decision | None:
        """A grant, if the last n frames agree on one person and that person's own frames are live."""
        if latest.fault is not None or self._mismatch(latest) is not None:
            return None
        person = latest.candidates[0].person_id
        window = recent[-self._policy.window_frames :]
        agreeing = [o for o in window if _best_is(o, person) and self._mismatch(o) is None]
        if len(agreeing) < self._policy.agreeing_frames or self._cooling(person, latest.captured):
            return None
        # Only frames of this very person count: a live face that gives way to a picture lends it nothing.
        own = [o.liveness for o in recent if _best_is(o, person) and o.liveness is not None]
        live = min(fmean(own), fmean(o.liveness for o in recent if o.liveness is not None))
        if len(own) < self._liveness.min_frames or live < self._liveness.threshold:
            return None
        score = fmean(o.candidates[0].score for o in agreeing)
        return Decision(latest.track_id, Reason.GRANTED, latest.captured, person, score, live)

    def _mismatch(self, observation: Observation) -> Reason | None:
        """Why the candidates of a frame name nobody: too far away, or two people too close to each other."""
        if not observation.candidates or observation.candidates[0].score < observation.threshold:
            return Reason.UNKNOWN
        second = observation.candidates[1].score if len(observation.candidates) > 1 else -1.0
        return Reason.AMBIGUOUS if observation.candidates[0].score - second < self._policy.margin else None

    def _cooling(self, person_id: str, captured: float) -> bool:
        granted_at = self._granted_at.get(person_id)
        return granted_at is not None and captured - granted_at < self._policy.cooldown_seconds

    def _denial_of(
        self, track: _Track, recent: list[Observation], latest: Observation, live: float | None
    ) -> Decision | None:
        if not recent:
            faults = Counter(fault for at, fault in track.faults if latest.captured - at <= LIVENESS_WINDOW_SECONDS)
            return _denial(latest, faults.most_common(1)[0][0], None) if faults else None
        if live is not None and live < self._liveness.threshold:
            return _denial(latest, Reason.LIVENESS, live)
        reason = Counter(self._mismatch(o) for o in recent).most_common(1)[0][0]
        if reason is None and self._cooling(recent[-1].candidates[0].person_id, latest.captured):
            return None
        # A person who matches and still isn't granted lacks live frames of their own.
        return _denial(latest, reason or Reason.LIVENESS, live)

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


def _best_is(observation: Observation, person_id: str) -> bool:
    return bool(observation.candidates) and observation.candidates[0].person_id == person_id


def _denial(latest: Observation, reason: Reason, live: float | None) -> Decision:
    score = latest.candidates[0].score if latest.candidates else None
    return Decision(latest.track_id, reason, latest.captured, score=score, liveness=live)
