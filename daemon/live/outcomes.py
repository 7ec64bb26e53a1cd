"""What was decided of those who stand before the camera now, for who watches the picture."""

from collections.abc import Mapping

from daemon.types import Decision, Glance


class Outcomes:
    """Keeps the last decision of each track that is still seen. `note` is for the vision thread and returns at once."""

    def __init__(self) -> None:
        self._decisions: Mapping[int, Decision] = {}

    def note(self, glance: Glance) -> None:
        """Hear of a frame and what the policy said of it."""
        seen = {face.track_id for face in glance.faces}
        kept = {track: decision for track, decision in self._decisions.items() if track in seen}
        if isinstance(glance.outcome, Decision):
            kept[glance.outcome.track_id] = glance.outcome
        self._decisions = kept

    def of(self, track_id: int) -> Decision | None:
        return self._decisions.get(track_id)
