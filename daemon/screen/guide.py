"""The thread that turns what vision sees into hints. The door needs nothing of it: its errors are logged, no more."""

import logging
import threading
from collections.abc import Callable

from daemon.live.guidance import Guide
from daemon.live.view import LiveView
from daemon.screen.board import ScreenBoard

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
STALLED_SECONDS = 5.0
RETRY_SECONDS = 5.0


class ScreenGuide:
    """Follows the live view until it is closed. `make_guide` makes what says what to do, anew after a failure.

    `blind` tells whether the camera is known to show nothing of use, though pictures may come.
    """

    def __init__(
        self,
        *,
        view: LiveView,
        board: ScreenBoard,
        make_guide: Callable[[], Guide],
        blind: Callable[[], bool] = lambda: False,
        stalled_seconds: float = STALLED_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._view, self._board, self._make_guide, self._blind = view, board, make_guide, blind
        self._stalled_seconds, self._retry_seconds = stalled_seconds, retry_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="screen guide", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(2 * POLL_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow(self._make_guide())
            except Exception:
                log.exception("the screen's hints failed; trying again")
                self._stop.wait(self._retry_seconds)

    def _follow(self, guide: Guide) -> None:
        last, quiet = None, 0.0
        while not self._stop.is_set():
            glance = self._view.wait(last, POLL_SECONDS)
            quiet = quiet + POLL_SECONDS if glance is None else 0.0
            stalled = quiet >= self._stalled_seconds or self._blind()
            if glance is None:
                self._board.guide(self._board.standing.hint, stalled=stalled)
            else:
                last = glance
                self._board.guide(guide.update(glance), stalled=stalled)
