"""Tells the frames that lay in a buffer from those just taken."""

GAP_SECONDS = 1.0
LONGEST_SECONDS = 2.0


class Backlog:
    """Watches the arrival times of a live source's frames.

    After a stall, and at the start, a stream's buffers hand out what piled up, much faster than it was taken: those
    frames are old, whatever the time of their arrival. They are over when a frame has to be waited for again, at least
    half the usual interval, and at the latest after two seconds (the stated rate may be wrong).
    """

    def __init__(self, *, fps: float, opened: float) -> None:
        """`fps` is the rate that the source states, `opened` the monotonic time in seconds before it was opened."""
        self._waited = 0.5 / fps
        self._previous = opened
        self._since: float | None = None

    def holds(self, arrived: float) -> bool:
        """Whether the frame that arrived now (monotonic seconds) is an old one."""
        pause = arrived - self._previous
        self._previous = arrived
        if self._since is None:
            self._since = arrived if pause > GAP_SECONDS else None
        elif pause >= self._waited or arrived - self._since > LONGEST_SECONDS:
            self._since = None
        return self._since is not None
