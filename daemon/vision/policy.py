"""When a sequence of observations is a decision. Pure: no pixels, no clock, no I/O."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from daemon.config.settings import Liveness, Policy
from daemon.types import Challenge, Decision, Observation, Prompt, Reason
from daemon.vision.challenge import ChallengeTest
from daemon.vision.liveness import Cue, Presentation, State, mean_liveness

# The cues that may veto at each level; one that has not seen enough vetoes nothing.
_VETOES = {
    "convenience": frozenset({Cue.NETWORK}),
    "standard": frozenset({Cue.NETWORK, Cue.MOIRE, Cue.PLANARITY}),
    "strict": frozenset({Cue.NETWORK, Cue.MOIRE, Cue.PLANARITY}),
}

# Of the 1:N threshold: at the threshold for 10 people a share of 0.77 still refuses 99 of 100 others.
_TURNED_SHARE = 0.77


@dataclass
class _Track:
    """What is known of one track.

    `clear_since` is the time of the first of a series of clear frames (those that were compared) that no second without
    one has ended; `owner` the person whom the proofs of liveness were seen of; `deadline` and `met` belong to the
    challenge. Frames before `rests_until` are not looked at.
    """

    presentation: Presentation
    first_seen: float
    clear_since: float = float("inf")
    quiet_until: float = float("-inf")
    rests_until: float = float("-inf")
    owner: str | None = None
    challenge: ChallengeTest | None = None
    deadline: float = float("inf")
    met: bool = False


class AccessPolicy:
    """Adds up the observations of each track until it is granted or denied.

    A track is granted at most once and a spoof verdict ends it; other denials are told and the track may try on, those
    of the access rules (`refused`) too. Comparisons ask whether a value is good enough, never whether it is bad: of a
    NaN neither is true. `choose` picks the challenge to put, unpredictably.
    """

    def __init__(
        self, *, policy: Policy, liveness: Liveness, choose: Callable[[Sequence[Challenge]], Challenge]
    ) -> None:
        self._policy = policy
        self._liveness = liveness
        self._choose = choose
        self._proofs = frozenset(Cue(name) for name in liveness.also)
        self._vetoes = _VETOES[liveness.level] | self._proofs
        self._tracks: dict[int, _Track] = {}
        self._granted_at: dict[str, float] = {}
        self._spoofed_at: deque[float] = deque(maxlen=policy.lockout_spoofs)
        self._locked_until = float("-inf")

    def wants(self, track_id: int, captured: float) -> bool:
        """Whether a frame of this track, of that time, could change anything."""
        track = self._tracks.get(track_id)
        return track is None or captured >= track.rests_until

    def retain(self, track_ids: Iterable[int]) -> None:
        """Forget every track but these, which the tracker still follows."""
        alive = set(track_ids)
        self._tracks = {track_id: track for track_id, track in self._tracks.items() if track_id in alive}

    def update(self, observation: Observation, now: float) -> Decision | Prompt | None:
        """Take one observation at monotonic time `now` (seconds) and say what it decides or asks, if anything.

        A frame counts once: one that isn't newer than the last of its track changes nothing.
        """
        track = self._tracks.setdefault(
            observation.track_id, _Track(Presentation(limits=self._liveness), first_seen=observation.captured)
        )
        if observation.captured < track.rests_until or not track.presentation.is_new(observation):
            return None
        self._record(track, observation)
        outcome = self._judge(track, observation, now)
        if isinstance(outcome, Prompt):
            track.challenge = ChallengeTest(challenge=outcome.challenge, start=observation)
            track.deadline = outcome.deadline
        elif outcome is not None:
            self._settle(track, outcome)
        return outcome

    def refused(self, grant: Decision, again: float) -> None:
        """Hear that the rules refused a grant: its track rests until `again` (monotonic), at least for `retry_seconds`,
        and its person is not cooling for longer. Proofs do not outlive a time in which nobody looked.
        """
        retry = grant.captured + self._policy.retry_seconds
        if grant.person_id is not None:
            self._granted_at[grant.person_id] = retry - self._policy.cooldown_seconds
        track = self._tracks.get(grant.track_id)
        if track is not None:
            track.presentation.forget_proofs()
            track.owner, track.met = None, False
            track.rests_until = track.quiet_until = max(again, retry)

    def _record(self, track: _Track, observation: Observation) -> None:
        clear = observation.liveness is not None
        own = self._still_owned(track, observation)
        if clear and not own:
            # Proofs belong to one person: whoever takes that person's place in the track, if only for a frame and known
            # or not, neither brings any nor leaves any.
            track.presentation.forget_proofs()
            track.owner, track.challenge, track.met = self._match(observation), None, False
        track.presentation.add(observation, own=own or clear)
        if clear and len(track.presentation.clear) == 1:
            track.clear_since = observation.captured
        if track.challenge is not None and observation.captured <= track.deadline:
            answered = track.challenge.answered_by(observation, own=own)
            track.met = track.met or (answered and clear)

    def _still_owned(self, track: _Track, observation: Observation) -> bool:
        """Whether a compared frame may show the track's owner.

        Less than the threshold is enough, since a head that turns, or eyes that close, when asked look less like the
        reference.
        """
        if not observation.candidates or self._match(observation) not in (None, track.owner):
            return False
        best = observation.candidates[0]
        return best.person_id == track.owner and best.score >= _TURNED_SHARE * observation.threshold

    def _judge(self, track: _Track, latest: Observation, now: float) -> Decision | Prompt | None:
        own = self._own(track)
        states = {score.cue: score.state for score in track.presentation.scores(own)}
        if any(states[cue] is State.ATTACK for cue in self._vetoes):
            return _denial(track, latest, Reason.SPOOF)
        locked = latest.captured < self._locked_until
        outcome = None if locked else self._grant(track, latest, own, states)
        fresh = 0 <= now - latest.captured <= self._policy.grant_deadline_seconds
        if isinstance(outcome, Prompt) or (outcome is not None and fresh):
            return outcome
        if latest.captured < track.quiet_until:
            return None
        if locked or outcome is not None:
            return _denial(track, latest, Reason.LOCKOUT if locked else Reason.STALE)
        reason = self._shortcoming(track, latest)
        return None if reason is None else _denial(track, latest, reason)

    def _own(self, track: _Track) -> list[Observation]:
        """The clear frames of the last second that name the owner.

        Only these count for that person: a live face that gives way to a picture lends it nothing.
        """
        return [] if track.owner is None else [o for o in track.presentation.clear if self._match(o) == track.owner]

    def _grant(
        self, track: _Track, latest: Observation, own: Sequence[Observation], states: dict[Cue, State]
    ) -> Decision | Prompt | None:
        """A grant, if this frame and k of the last n are live and name one person, who is live over the last second.

        Where only the answer to a challenge is missing, the challenge.
        """
        person, clear = self._match(latest), track.presentation.clear
        is_live = track.presentation.is_live
        if person is None or not is_live(latest) or self._cooling(person, latest.captured):
            return None
        window = clear[-self._policy.window_frames :]
        agreeing = [o for o in window if self._match(o) == person and is_live(o)]
        contested = any(self._match(o) not in (person, None) for o in window)
        if contested or len(agreeing) < self._policy.agreeing_frames or len(own) < self._liveness.min_frames:
            return None
        # The frames of others count where they speak against it.
        live = min(mean_liveness(own), mean_liveness(clear))
        proven = all(states[cue] is State.BONA_FIDE for cue in self._proofs)
        if not (live >= self._liveness.threshold and proven):
            return None
        if self._liveness.level == "strict" and not track.met:
            return None if track.challenge or latest.captured < track.quiet_until else self._prompt(latest)
        score = fmean(o.candidates[0].score for o in agreeing)
        return Decision(latest.track_id, Reason.GRANTED, latest.captured, person, score, live)

    def _prompt(self, latest: Observation) -> Prompt:
        deadline = latest.captured + self._liveness.challenge_seconds
        return Prompt(latest.track_id, self._choose(tuple(Challenge)), latest.captured, deadline)

    def _shortcoming(self, track: _Track, latest: Observation) -> Reason | None:
        """What a track that had time enough for a grant lacks; None while it may take longer."""
        if track.challenge is not None and not track.met:
            return Reason.CHALLENGE if latest.captured > track.deadline else None
        clear = track.presentation.clear
        since = max(track.clear_since if clear else track.first_seen, track.quiet_until)
        if latest.captured - since < self._policy.unknown_after_seconds:
            return None
        if not clear:
            faults = Counter(o.fault for o in track.presentation.recent if o.fault is not None)
            return faults.most_common(1)[0][0] if faults else None
        if not mean_liveness(clear) >= self._liveness.threshold:
            return Reason.LIVENESS
        reason = Counter(self._mismatch(o) for o in clear).most_common(1)[0][0]
        return reason or self._shortcoming_of_matches(clear, latest.captured)

    def _shortcoming_of_matches(self, clear: Sequence[Observation], captured: float) -> Reason | None:
        people = Counter(person for o in clear if (person := self._match(o)) is not None).most_common(2)
        if self._cooling(people[0][0], captured):
            return None
        # One person who matches and still isn't granted lacks live frames or proofs of their own.
        return Reason.LIVENESS if len(people) == 1 else Reason.AMBIGUOUS

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
        if decision.reason in (Reason.GRANTED, Reason.SPOOF):
            track.rests_until = float("inf")
        track.quiet_until = decision.captured + self._policy.retry_seconds
        track.challenge = None

    def _count_spoof(self, captured: float) -> None:
        self._spoofed_at.append(captured)
        full = len(self._spoofed_at) == self._policy.lockout_spoofs
        if full and captured - self._spoofed_at[0] <= self._policy.lockout_window_seconds:
            self._locked_until = captured + self._policy.lockout_seconds
            self._spoofed_at.clear()


def _denial(track: _Track, latest: Observation, reason: Reason) -> Decision:
    clear = track.presentation.clear
    score = latest.candidates[0].score if latest.candidates else None
    live = mean_liveness(clear) if clear else None
    return Decision(latest.track_id, reason, latest.captured, score=score, liveness=live)
