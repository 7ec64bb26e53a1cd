"""Versions: the greatest wins on every terminal, whatever comes when, twice or not at all for a while."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.sharing.versions import MAX_COUNTER, Verdict, Version, judge, next_version

SKEW = 300_000
FAR = 10**15
VERSIONS = st.builds(
    Version, st.integers(0, 5), st.integers(0, 3), st.sampled_from(["a", "b"]), st.binary(min_size=8, max_size=8)
)


def merge(held: Version | None, incoming: Version) -> Version:
    return incoming if held is None or judge(held, incoming, now_ms=FAR, max_skew_ms=0) is Verdict.NEWER else held


@given(st.lists(VERSIONS, min_size=1), st.randoms(use_true_random=False))
def test_any_order_with_any_repetition_ends_at_the_same(versions: list[Version], rng: random.Random) -> None:
    shuffled = [*versions, *rng.choices(versions, k=len(versions))]
    rng.shuffle(shuffled)
    held: Version | None = None
    for version in shuffled:
        held = merge(held, version)
    assert held == max(versions)


@given(VERSIONS, VERSIONS)
def test_two_terminals_never_both_think_that_they_are_right(one: Version, other: Version) -> None:
    verdicts = {judge(one, other, now_ms=FAR, max_skew_ms=0), judge(other, one, now_ms=FAR, max_skew_ms=0)}
    assert verdicts == ({Verdict.SAME} if one == other else {Verdict.NEWER, Verdict.OLDER})


@given(VERSIONS)
def test_a_version_survives_the_way(version: Version) -> None:
    assert Version.unpack(version.pack()) == version


@pytest.mark.parametrize("data", [b"", b"\0" * 20, Version(1, 2, "door", b"12345678").pack()[:-1]])
def test_what_is_no_version_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Version.unpack(data)


@given(VERSIONS, st.integers(-5, 10))
def test_who_knows_of_a_change_is_later_even_with_a_clock_that_lags(known: Version, ms: int) -> None:
    assert next_version(known, ms=ms, device="", digest=b"") > known


def test_a_counter_that_is_full_borrows_a_millisecond() -> None:
    full = Version(5, MAX_COUNTER, "a", b"")
    assert next_version(full, ms=3, device="b", digest=b"") == Version(6, 0, "b", b"")


def test_the_future_is_refused_until_it_is_near() -> None:
    version = Version(1_000_000, 0, "a", b"")
    assert judge(None, version, now_ms=1_000_000 - SKEW, max_skew_ms=SKEW) is Verdict.NEWER
    assert judge(None, version, now_ms=1_000_000 - SKEW - 1, max_skew_ms=SKEW) is Verdict.AHEAD
    assert judge(version, version, now_ms=0, max_skew_ms=SKEW) is Verdict.SAME


@dataclass
class Replica:
    """A terminal that holds one register, in a model without network or disk."""

    name: str
    lag: int
    held: tuple[Version, int] | None = None
    inbox: list[tuple[Version, int]] = field(default_factory=list)

    def write(self, now: int, value: int) -> tuple[Version, int]:
        known = self.held[0] if self.held else None
        self.held = (next_version(known, ms=max(now - self.lag, 0), device=self.name, digest=b""), value)
        return self.held

    def receive(self, message: tuple[Version, int]) -> None:
        if judge(self.held[0] if self.held else None, message[0], now_ms=FAR, max_skew_ms=0) is Verdict.NEWER:
            self.held = message


STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "deliver", "part", "join"]), st.integers(0, 3), st.integers(0, 99)), max_size=40
)


@given(STEPS, st.lists(st.integers(0, 50), min_size=4, max_size=4), st.randoms(use_true_random=False))
def test_partitions_and_lagging_clocks_end_equal(
    steps: list[tuple[str, int, int]], lags: list[int], rng: random.Random
) -> None:
    replicas = [Replica(f"door{index}", lag) for index, lag in enumerate(lags)]
    away: set[int] = set()
    sent: list[tuple[Version, int]] = []
    for now, (what, who, value) in enumerate(steps):
        if what == "write":
            sent.append(replicas[who].write(now, value))
            for replica in replicas:
                replica.inbox.append(sent[-1])
        elif what == "deliver" and who not in away and replicas[who].inbox:
            replicas[who].receive(rng.choice(replicas[who].inbox))
        elif what == "part":
            away.add(who)
        else:
            away.discard(who)
    for replica in replicas:
        for message in rng.sample(sent, len(sent)):
            replica.receive(message)
    assert len({replica.held for replica in replicas}) == 1
    assert not sent or replicas[0].held == max(sent)
