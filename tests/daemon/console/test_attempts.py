"""How often a password may be tried."""

import pytest

from daemon.console.attempts import FORGET_SECONDS, OF_ADDRESS, OF_USER, Attempts, Patience


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(attempts: Attempts, clock: Clock, times: int, *, user: str = "anna", address: str = "10.0.0.1") -> None:
    """So many failures, each after whatever wait is asked for."""
    for _ in range(times):
        while (wait := attempts.begin(user, address)) is not None:
            clock.now += wait.seconds


def test_the_wait_doubles_up_to_a_bound() -> None:
    patience = Patience(free=3, longest=60)
    assert [patience.wait(failures) for failures in (0, 2, 3, 4, 5, 8, 9, 1000)] == [0, 0, 1, 2, 4, 32, 60, 60]


def test_a_few_tries_are_free_and_the_next_one_waits(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    fail(attempts, clock, OF_ADDRESS.free)
    assert clock.now == 0
    wait = attempts.begin("anna", "10.0.0.1")
    assert wait is not None
    assert (wait.seconds, wait.news) == (1.0, True)
    again = attempts.begin("anna", "10.0.0.1")
    assert again is not None
    assert not again.news
    clock.now += 1.0
    assert attempts.begin("anna", "10.0.0.1") is None


def test_an_hour_of_guessing_is_a_hundred_tries_at_most(clock: Clock) -> None:
    attempts, tries = Attempts(clock=clock), 0
    while clock.now < 3600:
        fail(attempts, clock, 1)
        tries += 1
    assert tries <= 100


def test_many_addresses_against_one_user_wait_too(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    for number in range(OF_USER.free):
        fail(attempts, clock, 1, address=f"10.0.0.{number}")
    assert attempts.begin("anna", "10.0.9.9") is not None
    assert attempts.begin("bert", "10.0.9.9") is None


def test_nobody_keeps_the_manager_out_for_long(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    for number in range(1000):
        attempts.begin("anna", f"10.0.{number // 250}.{number % 250}")
        clock.now += 20
    wait = attempts.begin("anna", "192.168.0.1")
    assert wait is None or wait.seconds <= OF_USER.longest


def test_names_that_there_are_not_wait_like_others_and_case_is_no_way_out(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    for number in range(OF_USER.free):
        fail(attempts, clock, 1, user="NOBODY" if number % 2 else "nobody", address=f"10.0.0.{number}")
    assert attempts.begin("Nobody", "10.0.9.9") is not None


def test_one_network_of_ipv6_is_one_address(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    for number in range(OF_ADDRESS.free):
        fail(attempts, clock, 1, user=f"u{number}", address=f"2001:db8::{number + 1:x}")
    assert attempts.begin("x", "2001:db8::ffff%eth0") is not None
    assert attempts.begin("x", "2001:db8:0:1::1") is None


def test_who_succeeds_is_forgiven_but_not_the_address_s_guesses_at_others(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    fail(attempts, clock, OF_ADDRESS.free - 1, user="anna")
    assert attempts.begin("mallory", "10.0.0.1") is None
    attempts.succeeded("mallory", "10.0.0.1")
    fail(attempts, clock, 1, user="anna")
    assert attempts.begin("anna", "10.0.0.1") is not None


def test_many_at_once_are_no_way_out(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    admitted = sum(attempts.begin("anna", "10.0.0.1") is None for _ in range(100))
    assert admitted == OF_ADDRESS.free


def test_failures_are_forgotten_after_an_hour(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    fail(attempts, clock, 20)
    clock.now += FORGET_SECONDS
    assert attempts.begin("anna", "10.0.0.1") is None


def test_the_memory_is_bounded(clock: Clock) -> None:
    attempts = Attempts(clock=clock)
    for number in range(20_000):
        attempts.begin(f"user {number}", f"10.{number % 200}.{number // 200}.1")
    assert len(attempts._records) <= 10_000
