"""Tells the frames that lay in a buffer from those just taken."""

from collections import deque

GAP_SECONDS = 1.0
LONGEST_SECONDS = 2.0
WINDOW_SECONDS = 0.4


class Backlog:
    """Watches the arrival times of a live source's frames.

    After a stall, and at the start, a stream's buffers hand out what piled up, faster than it was taken: those frames
    are old, whatever the time of their arrival. They are over when 0.4 seconds of frames have come hardly
    faster than the source takes them, and at the latest after two seconds (the stated rate may be wrong). One frame
    that has to be waited for tells nothing: on a busy machine it is the reader that was late.
    """

    def __init__(self, *, fps: float, opened: float) -> None:
        """`fps` is the rate that the source states, `opened` the monotonic time in seconds before it was opened."""
        frames = max(1, round(WINDOW_SECONDS * fps))
        self._waited = 0.85 * frames / fps
        self._pauses: deque[float] = deque(maxlen=frames)
        self._previous = opened
        self._since: float | None = None

    def holds(self, arrived: float) -> bool:
        """Whether the frame that arrived now (monotonic seconds) is an old one."""
        pause = arrived - self._previous
        self._previous = arrived
        if self._since is None:
            self._since = arrived if pause > GAP_SECONDS else None
            self._pauses.clear()
        else:
            self._pauses.append(pause)
            if sum(self._pauses) >= self._waited or arrived - self._since > LONGEST_SECONDS:
                self._since = None
        return self._since is not None
