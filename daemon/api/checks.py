"""One-off checks of pictures: /identify, /verify/{person_id}, /compare."""

from typing import Any

from daemon.api.base64_pictures import PictureDecoder
from daemon.api.bodies import Comparison, FaceImage, PersonBody, Similarity, person_body
from daemon.api.failures import ApiError
from daemon.api.operations import Call, Operation
from daemon.api.people import EXAMPLE, PERSON_ID, PICTURE_CODES
from daemon.keys import Permission
from daemon.storage.people import check_person_id
from daemon.vision.matching import Matcher


class CheckCalls:
    """Handlers of the three checks; the similarities are the least that count as a match, percent."""

    def __init__(
        self, *, matcher: Matcher, pictures: PictureDecoder, identify_similarity: float, verify_similarity: float
    ) -> None:
        self._matcher = matcher
        self._pictures = pictures
        self._identify_similarity = identify_similarity
        self._verify_similarity = verify_similarity

    def identify(self, _call: Call, body: FaceImage) -> PersonBody:
        """Raises ApiError NF_002 when nobody is so similar."""
        image = self._pictures.decode(body.face_image, field="faceImage")
        found = self._matcher.identify(image, at_least=self._identify_similarity, name="faceImage")
        if found is None:
            raise ApiError("NF_002", f"nobody in the collection matches by {self._identify_similarity:g} %")
        return person_body(found.person)

    def verify(self, call: Call, body: FaceImage) -> PersonBody:
        """Raises PersonNotFound, and EnrolmentError F_010 when the face is not this person's."""
        person_id = check_person_id(call.path["person_id"])
        image = self._pictures.decode(body.face_image, field="faceImage")
        found = self._matcher.verify(person_id, image, at_least=self._verify_similarity, name="faceImage")
        return person_body(found.person)

    def compare(self, _call: Call, body: Comparison) -> Similarity:
        """The threshold is the caller's own: below it they get the similarity too."""
        names = ("sourceImage", "targetImage")
        source, target = (
            self._pictures.decode(body.source_image, field=names[0]),
            self._pictures.decode(body.target_image, field=names[1]),
        )
        return Similarity(similarity=self._matcher.compare(source, target, names=names))


def check_operations(calls: CheckCalls) -> tuple[Operation[Any], ...]:
    """The three calls."""
    tag = "Checks"
    return (
        Operation(
            id="identify",
            method="POST",
            path="/identify",
            tag=tag,
            summary="Who is it (1:N)",
            description="Searches the collection for the largest face of the picture. Answers with the most similar "
            "person if they match by 98 % (a false-match rate of 1e-6 per comparison).",
            handler=calls.identify,
            body=FaceImage,
            answer=PersonBody,
            permission=Permission.IDENTIFY,
            codes=("F_001", *PICTURE_CODES, "NF_002"),
            example=EXAMPLE,
            audit="identify",
            pictures=True,
        ),
        Operation(
            id="verify",
            method="POST",
            path="/verify/{person_id}",
            tag=tag,
            summary="Is it this person (1:1)",
            description="Compares the largest face of the picture with this person. Succeeds if they match to 80 % "
            "(a false-match rate of 1e-4).",
            handler=calls.verify,
            body=FaceImage,
            answer=PersonBody,
            permission=Permission.VERIFY,
            parameters=(PERSON_ID,),
            codes=("F_001", "F_010", *PICTURE_CODES, "R_006", "NF_001"),
            example=EXAMPLE,
            audit="verify",
            pictures=True,
        ),
        Operation(
            id="compare",
            method="POST",
            path="/compare",
            tag=tag,
            summary="How similar are two faces",
            description="Compares the face of the source with the largest face of the target. The answer is the "
            "similarity, also below the threshold. Nothing is stored.",
            handler=calls.compare,
            body=Comparison,
            answer=Similarity,
            permission=Permission.COMPARE,
            codes=("F_001", *PICTURE_CODES),
            example={
                "sourceImage": EXAMPLE["faceImage"],
                "targetImage": EXAMPLE["faceImage"],
                "similarityThreshold": 98,
            },
            audit="compare",
            pictures=True,
        ),
    )
