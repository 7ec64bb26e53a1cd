"""The collection: /person/{person_id}."""

from typing import Any

from daemon.api.base64_pictures import PictureDecoder
from daemon.api.bodies import FaceImage, PersonBody, person_body
from daemon.api.operations import Call, NoBody, Operation, Parameter
from daemon.enrolment.enroller import Enroller, NamedImage
from daemon.keys import Permission
from daemon.storage.people import check_person_id
from daemon.storage.store import Store

CRITERIA = ("F_001", "F_002", "F_003", "F_004", "F_005", "F_006", "F_007", "F_008", "F_009")
PICTURE_CODES = ("R_001", "R_002", "R_003", "R_004", "R_005", "R_008", "L_001", "L_002")
PERSON_ID = Parameter(
    "person_id",
    "path",
    "Whose face it is: an id of the caller's choice.",
    {"type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,128}$", "minLength": 1, "maxLength": 128},
    "anna.b@example.com",
)
EXAMPLE = {"faceImage": "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAA…"}


class PeopleCalls:
    """Handlers of the calls that change and show who is enrolled."""

    def __init__(self, *, store: Store, enroller: Enroller, pictures: PictureDecoder) -> None:
        self._store = store
        self._enroller = enroller
        self._pictures = pictures

    def create(self, call: Call, body: FaceImage) -> PersonBody:
        """Raises AlreadyEnrolled, and EnrolmentError for the first criterion that fails."""
        return self._enrol(call, body, replace=False)

    def replace(self, call: Call, body: FaceImage) -> PersonBody:
        """Raises PersonNotFound, and EnrolmentError for the first criterion that fails."""
        return self._enrol(call, body, replace=True)

    def show(self, call: Call, _body: NoBody) -> PersonBody:
        """Raises PersonNotFound."""
        return person_body(self._store.person(call.path["person_id"]))

    def _enrol(self, call: Call, body: FaceImage, *, replace: bool) -> PersonBody:
        person_id = check_person_id(call.path["person_id"])
        if replace:
            self._store.person(person_id)  # an id that is free is told before its picture is looked at
        image = self._pictures.decode(body.face_image, field="faceImage")
        enrolment = self._enroller.enrol(person_id, [NamedImage("faceImage", image)], source="api", replace=replace)
        return person_body(enrolment.person)


def people_operations(calls: PeopleCalls) -> tuple[Operation[Any], ...]:
    """The calls on a person that enrol and look up."""
    path, tag, permission = "/person/{person_id}", "Persons", Permission.ENROL
    return (
        Operation(
            id="createPerson",
            method="POST",
            path=path,
            tag=tag,
            summary="Enrol a person",
            description="Enrols the face in the picture under an id that is free. The picture must show one person, "
            "live, looking straight ahead; the first criterion that fails is named.",
            handler=calls.create,
            body=FaceImage,
            answer=PersonBody,
            permission=permission,
            parameters=(PERSON_ID,),
            codes=(*CRITERIA, *PICTURE_CODES, "R_006", "R_007"),
            example=EXAMPLE,
            audit="enrol",
            durable=True,
            pictures=True,
        ),
        Operation(
            id="replacePerson",
            method="PUT",
            path=path,
            tag=tag,
            summary="Replace a person's face data",
            description="Puts the face in the picture in place of all that is stored of this person.",
            handler=calls.replace,
            body=FaceImage,
            answer=PersonBody,
            permission=permission,
            parameters=(PERSON_ID,),
            codes=(*CRITERIA, *PICTURE_CODES, "R_006", "NF_001"),
            example=EXAMPLE,
            audit="replace",
            durable=True,
            pictures=True,
        ),
        Operation(
            id="getPerson",
            method="GET",
            path=path,
            tag=tag,
            summary="Does this person exist",
            description="Answers with the person if the id is enrolled.",
            handler=calls.show,
            body=NoBody,
            answer=PersonBody,
            permission=Permission.LOOKUP,
            parameters=(PERSON_ID,),
            codes=("R_006", "NF_001"),
            audit="look up",
        ),
    )
