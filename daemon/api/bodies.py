"""What callers send and what they get, as JSON."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from daemon.storage.people import Person
from daemon.timestamps import to_iso

EXAMPLE_PICTURE = "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAA…"
PICTURE = (
    "JPEG, PNG, WebP or BMP in Base64 (RFC 4648), with or without a prefix `data:image/…;base64,`. "
    "Its EXIF orientation is honoured."
)

Picture = Annotated[
    str,
    Field(
        description=PICTURE,
        examples=[EXAMPLE_PICTURE],
        json_schema_extra={"contentEncoding": "base64", "contentMediaType": "image/*"},
    ),
]


class Body(BaseModel):
    """Field names in camelCase, nothing unknown, nothing converted."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


class Asked(Body):
    """What callers send: under the names of the contract only."""

    model_config = ConfigDict(populate_by_name=False)


class FaceImage(Asked):
    """One picture of a face."""

    face_image: Picture


class Comparison(Asked):
    """Two pictures; the largest face of each counts."""

    source_image: Picture
    target_image: Picture
    similarity_threshold: Annotated[
        float, Field(ge=0, le=100, description="Percent; a pair below it is answered with its similarity all the same.")
    ] = 80.0


class PersonBody(Body):
    """A person, when they were enrolled and when their face data were replaced last."""

    person_id: Annotated[str, Field(examples=["anna.b@example.com"])]
    created: Annotated[str, Field(examples=["2020-09-03T16:05:08.938Z"], json_schema_extra={"format": "date-time"})]
    updated: Annotated[str, Field(examples=["2020-09-04T16:05:08.938Z"], json_schema_extra={"format": "date-time"})]


class Similarity(Body):
    """A calibrated percentage: 80 stands for a false-match rate of 1e-4, 98 for 1e-6."""

    similarity: Annotated[float, Field(ge=0, le=100, examples=[97.31])]


class ProblemBody(Body):
    """What is wrong with one key of the configuration."""

    field: Annotated[str, Field(examples=["door.pulse_seconds"])]
    message: Annotated[str, Field(examples=["Input should be less than or equal to 60, not 900"])]


class FailureBody(Body):
    """Why a call failed."""

    code: Annotated[str, Field(examples=["F_001"])]
    type: Annotated[str, Field(description="The code's family in a word.", examples=["face"])]
    message: Annotated[str, Field(examples=["faceImage: no face found"])]
    problems: Annotated[list[ProblemBody], Field(description="Only of `PUT /device/settings`.")] = []


def person_body(person: Person) -> PersonBody:
    return PersonBody(
        person_id=person.person_id,
        created=to_iso(person.created.timestamp()),
        updated=to_iso(person.updated.timestamp()),
    )
