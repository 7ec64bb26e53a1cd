"""Which denials count as attempts, and when they lock everybody out."""

from collections.abc import Sequence

from daemon.config.rules import Attempts
from daemon.rules.attempts import AttemptCount
from daemon.types import Decision, Reason


def locking(
    count: AttemptCount, tracks: Sequence[int], *, reason: Reason = Reason.UNKNOWN, step: float = 1.0
) -> list[bool]:
    return [count.add(Decision(track, reason, 0.0), at * step) for at, track in enumerate(tracks)]


def counting(**rule: object) -> AttemptCount:
    return AttemptCount(rule=Attempts.model_validate(rule))


def test_faces_that_stay_are_an_attempt_each_however_many_stand_there() -> None:
    assert locking(counting(tries=2), [7] * 20).count(True) == 0
    assert locking(counting(tries=5), [7, 8, 9, 10] * 20).count(True) == 0
    assert locking(counting(tries=3), [7, 8, 7, 8, 9]) == [False] * 4 + [True]


def test_a_face_is_forgotten_only_after_many_others() -> None:
    count = counting(tries=100)
    locking(count, range(1000), step=100.0)
    assert len(count._tracks) == 64


def test_each_wrong_factor_is_an_attempt_of_the_same_face() -> None:
    count = counting(tries=3)
    assert locking(count, [7, 7, 7], reason=Reason.WRONG_FACTOR) == [False, False, True]
    assert locking(count, [7] * 9) == [False] * 9


def test_old_attempts_are_forgotten() -> None:
    assert locking(counting(tries=3, window_seconds=60.0), range(9), step=31.0) == [False] * 9


def test_bad_light_is_nobodys_attempt() -> None:
    count = counting(tries=1)
    for reason in (Reason.BLURRED, Reason.SECOND_FACTOR, Reason.SECOND_PERSON, Reason.FACTOR_TIMEOUT, Reason.ATTEMPTS):
        assert locking(count, [1], reason=reason) == [False]
    assert not count.locked(0.0)


def test_a_lockout_ends() -> None:
    count = counting(tries=1, lockout_seconds=30.0)
    assert locking(count, [1]) == [True]
    assert count.locked(29.9)
    assert not count.locked(30.0)


def test_without_tries_nothing_is_counted() -> None:
    assert locking(counting(), range(100)) == [False] * 100
