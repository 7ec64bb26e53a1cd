"""One-off checks of pictures: who is it, is it this person, are these two the same. They open no door."""

from dataclasses import dataclass
from math import isfinite
from typing import Protocol

from daemon.errors import EnrolmentError, PersonNotFound
from daemon.gallery.keeper import GalleryKeeper
from daemon.storage.people import Person
from daemon.storage.store import Store
from models.embedder import Embedding
from models.geometry import Image
from models.similarity import ScoreScale

# Only what is the same template is the same to a hundred percent.
SAME_SCORE = 1 - 1e-6
MOST_BELOW = 99.99


@dataclass(frozen=True)
class Found:
    """The person that a picture shows, and how similar they are, percent."""

    person: Person
    similarity: float


class Probing(Protocol):
    """What is asked of the networks; see `SharedNetworks`."""

    @property
    def scale(self) -> ScoreScale: ...

    def probe(self, image: Image) -> Embedding | None: ...


class Matcher:
    """Compares the largest face of a picture with people or with another picture. Similarities are percentages.

    Every method raises EnrolmentError F_001 where there is no face, and what `Probing` and the store raise.
    """

    def __init__(self, *, networks: Probing, gallery: GalleryKeeper, store: Store) -> None:
        self._networks = networks
        self._gallery = gallery
        self._store = store

    def identify(self, image: Image, *, at_least: float, name: str) -> Found | None:
        """The most similar person, if they are so similar; `name` is what a refusal calls the picture."""
        probe = self._probe(image, name)
        best = next(iter(self._gallery.current.search(probe)), None)
        if best is None or not best.score >= self._networks.scale.score(at_least):
            return None
        try:
            return Found(self._store.person(best.person_id), self._similarity(best.score))
        except PersonNotFound:  # removed while we looked
            return None

    def verify(self, person_id: str, image: Image, *, at_least: float, name: str) -> Found:
        """The person. Raises PersonNotFound, PersonIdError, and EnrolmentError F_010 when they are not so similar."""
        person = self._store.person(person_id)
        probe = self._probe(image, name)
        score = max(self._gallery.current.scores(person_id, probe), default=-1.0)
        if not score >= self._networks.scale.score(at_least):
            raise EnrolmentError("F_010", f"{name}: the face does not match this person")
        return Found(person, self._similarity(score))

    def compare(self, source: Image, target: Image, *, names: tuple[str, str]) -> float:
        """How similar two faces are; not at all where the network answers no numbers."""
        one, other = self._probe(source, names[0]), self._probe(target, names[1])
        score = float(one @ other)
        return self._similarity(score) if isfinite(score) else 0.0

    def _probe(self, image: Image, name: str) -> Embedding:
        probe = self._networks.probe(image)
        if probe is None:
            raise EnrolmentError("F_001", f"{name}: no face found")
        return probe

    def _similarity(self, score: float) -> float:
        if score >= SAME_SCORE:
            return 100.0
        return min(MOST_BELOW, round(self._networks.scale.similarity(score), 2))
