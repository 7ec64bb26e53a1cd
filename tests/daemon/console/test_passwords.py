"""Which passwords are taken, and how they are stored."""

import threading
import time

import pytest

from daemon.console.passwords import QUEUE, PasswordHasher, check_password
from daemon.errors import Busy, PasswordRefused

GOOD = "walnut harbour tricycle"


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 129,
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "1234567890123456",
        "abcdefghijklmnopq",
        "zyxwvutsrqponmlk",
        "Correct Horse Battery Staple",
        "annemarie annemarie",
        "with a \x00 in the middle",
        "",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        check_password(password, user="annemarie")


@pytest.mark.parametrize("password", [GOOD, "пароль из пяти слов", "no capitals no digits", "x" * 7 + "y1z2" * 20])
def test_length_is_enough(password: str) -> None:
    assert check_password(password, user="anna") == password


def test_a_hash_tells_nothing_and_is_another_each_time() -> None:
    hasher = PasswordHasher(log_cost=4)
    first, second = hasher.hash(GOOD), hasher.hash(GOOD)
    assert first != second
    assert GOOD not in first
    assert hasher.matches(GOOD, first)
    assert hasher.matches(GOOD, second)
    assert not hasher.matches(GOOD + " ", first)


def test_a_hash_of_another_cost_still_matches() -> None:
    assert PasswordHasher(log_cost=5).matches(GOOD, PasswordHasher(log_cost=4).hash(GOOD))


def test_the_same_letters_match_however_they_are_composed() -> None:
    hasher = PasswordHasher(log_cost=4)
    assert hasher.matches("Türgriff Fenster Brücke", hasher.hash("Tu\u0308rgriff Fenster Bru\u0308cke"))


def test_passwords_do_not_take_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, go, begun = PasswordHasher(log_cost=4), threading.Event(), threading.Semaphore(0)
    monkeypatch.setattr(
        "daemon.console.passwords.scrypt", lambda *_, **__: (begun.release(), go.wait(30), b"x" * 32)[2]
    )
    threads = [threading.Thread(target=hasher.matches, args=(GOOD, None)) for _ in range(QUEUE)]
    for thread in threads:
        thread.start()
    begun.acquire()
    while hasher._room._value:  # the others stand in line within a moment
        time.sleep(0.001)
    with pytest.raises(Busy):
        hasher.matches(GOOD, None)
    go.set()
    for thread in threads:
        thread.join()
    assert not hasher.matches(GOOD, None)


def test_who_does_not_exist_costs_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, derived = PasswordHasher(log_cost=4), []
    derive = hasher._derive
    monkeypatch.setattr(hasher, "_derive", lambda *values: (derived.append(values[2]), derive(*values))[1])
    stored = hasher.hash(GOOD)
    assert not hasher.matches("wrong", stored)
    assert not hasher.matches("wrong", None)
    assert derived == [derived[0]] * 3
