"""From pictures to references: the criteria of the REST contract, pictures that agree, nobody enrolled twice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daemon.errors import EnrolmentError
from daemon.gallery import GalleryKeeper
from daemon.people import NewTemplate, Person
from daemon.recogniser import Recogniser
from daemon.types import Reason
from models.geometry import Image

# Pictures of one enrolment must be as alike as "verify" demands; so alike, two people are the same person.
SAME_PERSON_SIMILARITY = 80.0
MAX_TEMPLATES = 5

# Code of the REST contract and what to do, by the criterion that failed.
CRITERIA: dict[Reason, tuple[str, str]] = {
    Reason.TOO_SMALL: ("F_003", "the face is too small: {size_px:.0f} px from chin to forehead; come closer"),
    Reason.NOT_FRONTAL: (
        "F_004",
        "not looking straight ahead: yaw {yaw_deg:.0f}°, pitch {pitch_deg:.0f}°, roll {roll_deg:.0f}°; face the camera",
    ),
    Reason.BLURRED: ("F_005", "the face is blurred (sharpness {sharpness:.0f}); hold still and focus"),
    Reason.TOO_DARK: ("F_006", "the face is too dark (mean luma {brightness:.0f}); more light on the face"),
    Reason.TOO_BRIGHT: ("F_006", "the face is too bright (mean luma {brightness:.0f}); less light on the face"),
    Reason.EYES_CLOSED: ("F_007", "the eyes are closed or the face is covered; open the eyes, uncover the face"),
}


@dataclass(frozen=True, eq=False)
class NamedImage:
    """A BGR picture and the name under which a refusal speaks of it."""

    name: str
    image: Image


@dataclass(frozen=True)
class Refusal:
    """A picture that did not become a reference, and why."""

    name: str
    code: str
    message: str


@dataclass(frozen=True)
class Enrolment:
    """Who was enrolled, and which pictures were left out."""

    person: Person
    refused: tuple[Refusal, ...]


class Enroller:
    """Makes references of pictures and puts them into the gallery."""

    def __init__(self, *, recogniser: Recogniser, gallery: GalleryKeeper) -> None:
        self._recogniser = recogniser
        self._gallery = gallery

    def enrol(self, person_id: str, images: Sequence[NamedImage], *, source: str, replace: bool = False) -> Enrolment:
        """Enrol a person from one picture or several: the best consistent ones become templates, the rest is named.

        Raises EnrolmentError when no picture meets the criteria or the face is enrolled under another person_id,
        AlreadyEnrolled, PersonNotFound, PersonIdError and StoreError as the store does.
        """
        references: list[tuple[str, NewTemplate]] = []
        refused: list[Refusal] = []
        for named in images:
            try:
                references.append((named.name, self._reference(named, source)))
            except EnrolmentError as error:
                refused.append(Refusal(named.name, error.code, str(error)))
        kept = self._consistent(references, refused)
        if not kept:
            first = refused[0] if refused else Refusal("", "F_001", "no picture given")
            raise EnrolmentError(first.code, first.message)
        for template in kept:
            self._refuse_duplicate(person_id, template)
        person = self._gallery.enrol(person_id, kept[:MAX_TEMPLATES], replace=replace)
        return Enrolment(person, tuple(refused))

    def _reference(self, named: NamedImage, source: str) -> NewTemplate:
        faces = self._recogniser.detect(named.image)
        if not faces:
            raise EnrolmentError("F_001", f"{named.name}: no face found")
        if len(faces) > 1:
            raise EnrolmentError("F_002", f"{named.name}: {len(faces)} faces found; one person a picture")
        view = self._recogniser.view(named.image, faces[0])
        if view.fault is not None:
            code, advice = CRITERIA[view.fault]
            raise EnrolmentError(code, f"{named.name}: {advice.format(**vars(view.quality))}")
        return NewTemplate(
            embedding=self._recogniser.reference(view),
            model=self._recogniser.model,
            source=source,
            quality=min(1.0, view.quality.size_px / 224),
        )

    def _consistent(self, references: list[tuple[str, NewTemplate]], refused: list[Refusal]) -> list[NewTemplate]:
        """The references that resemble the one most like all others, best quality first; the others are refused."""
        if not references:
            return []
        vectors = np.stack([template.embedding for _, template in references])
        scores = vectors @ vectors.T
        centre = int(scores.mean(axis=1).argmax())
        threshold = self._recogniser.scale.score(SAME_PERSON_SIMILARITY)
        kept = []
        for (name, template), score in zip(references, scores[centre], strict=True):
            if score >= threshold:
                kept.append(template)
            else:
                refused.append(Refusal(name, "F_002", f"{name}: not the person of the other pictures"))
        return sorted(kept, key=lambda template: template.quality, reverse=True)

    def _refuse_duplicate(self, person_id: str, template: NewTemplate) -> None:
        gallery = self._gallery.current
        threshold = self._recogniser.scale.score(SAME_PERSON_SIMILARITY)
        for candidate in gallery.search(template.embedding):
            if candidate.person_id != person_id and candidate.score >= threshold:
                raise EnrolmentError(
                    "F_009", f"this face is enrolled as {candidate.person_id}; remove that person first"
                )
