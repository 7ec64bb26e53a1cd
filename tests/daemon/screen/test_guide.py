"""The thread that makes hints: what it tells the board, and that nothing ends it."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from queue import Queue

import pytest

from daemon.live.guidance import Guide, Hint
from daemon.live.view import LiveView
from daemon.screen.board import ScreenBoard
from daemon.screen.guide import ScreenGuide
from daemon.screen.messages import Condition, Message, Standing
from daemon.types import Reason
from tests.daemon.live.glances import nobody, seen

LONG = 30.0


class Rig:
    def __init__(self, messages: "Queue[Message]", view: LiveView) -> None:
        self.messages, self.view = messages, view

    def wait_for(self, wanted: Callable[[Standing], bool]) -> None:
        """Raises queue.Empty when it does not come about."""
        while not (isinstance(message := self.messages.get(timeout=LONG), Standing) and wanted(message)):
            pass


@contextmanager
def following(
    make_guide: Callable[[], Guide], *, blind: Callable[[], bool] = lambda: False, stalled_seconds: float = LONG
) -> Iterator[Rig]:
    view, board = LiveView(), ScreenBoard(show="name")
    guide = ScreenGuide(
        view=view, board=board, make_guide=make_guide, blind=blind, stalled_seconds=stalled_seconds, retry_seconds=0.0
    )
    with closing(guide), board.listening() as messages:
        assert messages is not None
        guide.start()
        yield Rig(messages, view)


def test_who_stands_too_far_away_is_told_to_come_closer() -> None:
    with following(lambda: Guide(min_size_px=112)) as rig:
        rig.view.show(seen(fault=Reason.TOO_SMALL))
        rig.wait_for(lambda standing: standing.hint is Hint.COME_CLOSER)


def test_pictures_that_stop_coming_are_told_and_so_is_that_they_come_again() -> None:
    with following(lambda: Guide(min_size_px=112), stalled_seconds=0.5) as rig:
        rig.wait_for(lambda standing: standing.condition is Condition.CAMERA)
        rig.view.show(nobody())
        rig.wait_for(lambda standing: standing.condition is Condition.GOOD)


def test_a_camera_that_shows_nothing_of_use_is_told_though_its_pictures_come() -> None:
    black = [True]
    with following(lambda: Guide(min_size_px=112), blind=lambda: black[0]) as rig:
        rig.view.show(nobody())
        rig.wait_for(lambda standing: standing.condition is Condition.CAMERA)
        black[0] = False
        rig.view.show(nobody(0.1))
        rig.wait_for(lambda standing: standing.condition is Condition.GOOD)


def test_a_failure_is_logged_and_it_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    made: list[Guide] = []

    def make() -> Guide:
        if not made:
            made.append(Guide(min_size_px=112))
            raise RuntimeError("no guide")
        return Guide(min_size_px=112)

    with following(make) as rig:
        rig.view.show(seen(fault=Reason.TOO_SMALL))
        rig.wait_for(lambda standing: standing.hint is Hint.COME_CLOSER)
    assert "the screen's hints failed" in caplog.text
