import logging

import pytest

from daemon.errors import StoreError, WrongKeyError
from daemon.refreshing import Refreshing


class Part:
    def __init__(self) -> None:
        self.error: StoreError | None = None
        self.calls = 0

    def refresh(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error


def test_one_that_fails_is_told_once_and_keeps_no_other_from_its_turn(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    people, access = Part(), Part()
    refresh = Refreshing({"people": people.refresh, "access": access.refresh})
    people.error = WrongKeyError("people.db: another key")
    for _ in range(3):
        refresh()
    assert access.calls == people.calls == 3
    assert refresh.stuck() == {"people": "people.db: another key"}
    assert len(caplog.messages) == 1
    people.error = StoreError("people.db: the disk can't be read")
    refresh()
    assert len(caplog.messages) == 2
    people.error = None
    refresh()
    refresh()
    assert refresh.stuck() == {}
    assert caplog.messages[2:] == ["people: changes are taken up again"]


def test_a_mistake_of_ours_is_not_hidden() -> None:
    def wrong() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Refreshing({"people": wrong})()
