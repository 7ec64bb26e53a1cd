"""What the calls on people take and give beyond the calls of Auther Check."""

from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from daemon.api.bodies import Asked, Body, PersonBody
from daemon.timestamps import from_iso


def _moment(text: str) -> str:
    try:
        datetime.fromtimestamp(from_iso(text), timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise ValueError("expected a time such as 2026-09-04T16:05:08Z") from None
    return text


_TIME = {"format": "date-time"}
Instant = Annotated[str, AfterValidator(_moment), Field(json_schema_extra=_TIME, examples=["2026-09-04T16:05:08Z"])]
Group = Annotated[str, Field(min_length=1, max_length=64)]


class RosterRow(PersonBody):
    """A person, and what the rules know of them."""

    active: Annotated[bool, Field(description="False: suspended, kept and matched by nobody.")]
    valid_from: Annotated[str | None, Field(json_schema_extra=_TIME)]
    valid_until: Annotated[str | None, Field(json_schema_extra=_TIME)]
    groups: list[str]
    templates: int
    card: bool
    pin: bool


class AccessBody(RosterRow):
    """The same, and the schedule that holds for them by `rules`; null: at any time."""

    schedule: str | None


class Roster(Body):
    """People by id; `next` is `after` of the next page, null at the end."""

    persons: list[RosterRow]
    next: str | None
    total: Annotated[int, Field(description="How many the search leaves, on all pages.")]


class StateChange(Asked):
    """Whether a person is matched."""

    state: Literal["active", "suspended"]


class AccessChange(Asked):
    """When a person may come, and their groups, whose schedules stand in `rules.group_schedules`. All is replaced."""

    valid_from: Instant | None = None
    valid_until: Instant | None = None
    groups: Annotated[list[Group], Field(max_length=32)]


class CardEntry(Asked):
    """A person's card, as panels know it."""

    number: Annotated[int, Field(ge=0, le=2**63 - 1, examples=[1234567])]
    facility: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class NewPin(Asked):
    """A person's PIN."""

    pin: Annotated[SecretStr, Field(min_length=4, max_length=12, examples=["4711"])]


class Receipt(Body):
    """Proof of an erasure: the hash is keyed, and names nobody to who does not know the id."""

    person_hash: str
    erased: Annotated[str, Field(json_schema_extra=_TIME)]
    templates: int
    images: int
    credentials: Annotated[bool, Field(description="Whether there was a card or PIN.")]
    complete: Annotated[
        bool, Field(description="False: encrypted traces stay in the write-ahead log until the next change.")
    ]


class ErasedPerson(PersonBody):
    """The person as they were, and the receipt."""

    receipt: Receipt
