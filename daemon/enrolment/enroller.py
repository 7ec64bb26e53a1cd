"""From pictures to references: the criteria of the REST contract, pictures that agree, nobody enrolled twice."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

import numpy as np

from daemon.enrolment.face_jpeg import face_jpeg
from daemon.enrolment.images import ImageArchive
from daemon.errors import DuplicateFace, EnrolmentError, PersonNotFound, Refusal, StoreError
from daemon.gallery.keeper import GalleryKeeper
from daemon.log_line import fields
from daemon.storage.people import NewTemplate, Person
from daemon.types import Reason
from daemon.vision.recogniser import Networks
from models.detector import Face
from models.geometry import Image
from models.merit import merit

# Pictures of one enrolment must be as alike as "verify" demands; so alike, two people are the same person.
SAME_PERSON_SIMILARITY = 80.0
MAX_TEMPLATES = 5

_log = logging.getLogger(__name__)

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
    Reason.EYES_CLOSED: ("F_007", "the eyes are closed or covered; open the eyes"),
    Reason.EYES_COVERED: ("F_007", "the eyes are covered (contrast {eye_contrast:.2f}); take off dark glasses"),
    Reason.MOUTH_COVERED: ("F_007", "the mouth is covered (contrast {lip_contrast:.2f}); take off the mask"),
}


@dataclass(frozen=True, eq=False)
class NamedImage:
    """A BGR picture and the name under which a refusal speaks of it."""

    name: str
    image: Image


@dataclass(frozen=True, eq=False)
class _Reference:
    named: NamedImage
    face: Face
    template: NewTemplate


@dataclass(frozen=True)
class Enrolment:
    """Who was enrolled, and which pictures were left out."""

    person: Person
    refused: tuple[Refusal, ...]


class Enroller:
    """Makes references of pictures and puts them into the gallery.

    With `min_liveness` (0..1) a picture that the liveness network thinks less of is refused. With `archive` the faces
    that become references are kept as pictures.
    """

    def __init__(
        self,
        *,
        recogniser: Networks,
        gallery: GalleryKeeper,
        min_liveness: float | None = None,
        archive: ImageArchive | None = None,
    ) -> None:
        self._recogniser = recogniser
        self._gallery = gallery
        self._min_liveness = min_liveness
        self._archive = archive

    def enrol(self, person_id: str, images: Sequence[NamedImage], *, source: str, replace: bool = False) -> Enrolment:
        """Enrol a person from one picture or several: the best consistent ones become templates, the rest is named.

        Raises EnrolmentError when no picture meets the criteria or the face is enrolled under another person_id,
        AlreadyEnrolled, PersonNotFound, PersonIdError and StoreError as the store does.
        """
        references: list[_Reference] = []
        refused: list[Refusal] = []
        for named in images:
            try:
                references.append(self._reference(named, source))
            except EnrolmentError as error:
                refused.append(Refusal(named.name, error.code, str(error)))
        kept = self._consistent(references, refused)[:MAX_TEMPLATES]
        if not kept:
            first = refused[0] if refused else Refusal("", "F_001", "no picture given")
            raise EnrolmentError(first.code, first.message, refused)
        templates = [reference.template for reference in kept]
        for template in templates:
            self._refuse_duplicate(person_id, template)
        person = self._gallery.enrol(person_id, templates, replace=replace)
        self._keep_pictures(person_id, kept)
        return Enrolment(person, tuple(refused))

    def _keep_pictures(self, person_id: str, references: Sequence[_Reference]) -> None:
        if self._archive is None:
            return
        try:
            for one in references:
                jpeg = face_jpeg(one.named.image, one.face.box)
                self._archive.keep(jpeg, kind="enrolment", taken=datetime.now(timezone.utc), person_id=person_id)
        except (StoreError, PersonNotFound) as error:
            # The person is enrolled; a picture that could not be kept makes that no failure.
            _log.error("enrolled, but a picture was not kept: %s", error, extra=fields(person=person_id))

    def _reference(self, named: NamedImage, source: str) -> _Reference:
        faces = self._recogniser.detect(named.image)
        if not faces:
            raise EnrolmentError("F_001", f"{named.name}: no face found")
        if len(faces) > 1:
            raise EnrolmentError("F_002", f"{named.name}: {len(faces)} faces found; one person a picture")
        view = self._recogniser.view(named.image, faces[0])
        if view.fault is not None:
            code, advice = CRITERIA[view.fault]
            raise EnrolmentError(code, f"{named.name}: {advice.format(**vars(view.quality))}")
        # After the criteria: a face blurred beyond recognition is to be called blurred.
        if not view.is_face:
            raise EnrolmentError("F_001", f"{named.name}: no face found")
        self._refuse_spoof(named, faces[0])
        template = NewTemplate(
            embedding=self._recogniser.reference(view),
            model=self._recogniser.model,
            source=source,
            quality=merit(view.quality),
        )
        return _Reference(named, faces[0], template)

    def _refuse_spoof(self, named: NamedImage, face: Face) -> None:
        if self._min_liveness is None:
            return
        liveness = self._recogniser.liveness(named.image, face)
        # Written so that a network that answers NaN refuses too.
        if not liveness >= self._min_liveness:
            raise EnrolmentError(
                "F_008", f"{named.name}: not a live face (probability {liveness:.2f}); take the picture of the person"
            )

    def _consistent(self, references: list[_Reference], refused: list[Refusal]) -> list[_Reference]:
        """The references that resemble the one most like all others, best quality first; the others are refused.

        Each counts by its quality, so that of two that differ the better one stays.
        """
        if not references:
            return []
        vectors = np.stack([one.template.embedding for one in references])
        scores = vectors @ vectors.T
        centre = int((scores @ np.array([one.template.quality for one in references])).argmax())
        threshold = self._recogniser.scale.score(SAME_PERSON_SIMILARITY)
        kept = []
        for one, score in zip(references, scores[centre], strict=True):
            if score >= threshold:
                kept.append(one)
            else:
                name = one.named.name
                refused.append(Refusal(name, "F_002", f"{name}: not the person of the other pictures"))
        return sorted(kept, key=lambda one: one.template.quality, reverse=True)

    def _refuse_duplicate(self, person_id: str, template: NewTemplate) -> None:
        gallery = self._gallery.current
        threshold = self._recogniser.scale.score(SAME_PERSON_SIMILARITY)
        for candidate in gallery.search(template.embedding):
            if candidate.person_id != person_id and candidate.score >= threshold:
                raise DuplicateFace(candidate.person_id)
