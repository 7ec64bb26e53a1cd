"""The list of the calls on people beyond those of Auther Check."""

from functools import partial
from typing import Any

from daemon.api.device_operations import BODY_CODES
from daemon.api.operations import NoBody, Operation, Parameter
from daemon.api.parameters import ANY_TEXT, limit_parameter
from daemon.api.people import PERSON_ID
from daemon.api.roster import STATES, RosterCalls
from daemon.api.roster_bodies import (
    AccessBody,
    AccessChange,
    CardEntry,
    ErasedPerson,
    NewPin,
    Roster,
    StateChange,
)
from daemon.keys import Permission

TAG = "Persons"
PERSON_CODES = ("R_006", "NF_001")
SEARCH = Parameter("search", "query", "Part of the person_id.", ANY_TEXT, "anna")
AFTER = Parameter("after", "query", "`next` of the page before.", ANY_TEXT, "anna.b")
STATE = Parameter("state", "query", "Only these.", {"type": "string", "enum": sorted(STATES)}, "active")


def roster_operations(calls: RosterCalls) -> tuple[Operation[Any], ...]:
    """The list, erasure, and what the rules know of a person."""
    return (
        Operation(
            id="listPersons",
            method="GET",
            path="/persons",
            tag=TAG,
            summary="Who is enrolled",
            description="By person_id, in pages.",
            handler=calls.search,
            body=NoBody,
            answer=Roster,
            permission=Permission.LOOKUP,
            parameters=(limit_parameter(), SEARCH, AFTER, STATE),
            codes=("R_011",),
            audit="list persons",
        ),
        Operation(
            id="deletePerson",
            method="DELETE",
            path="/person/{person_id}",
            tag=TAG,
            summary="Erase a person",
            description="Erases the person, all face data, kept pictures, card and PIN; answers with the person as "
            "they were, and a receipt.",
            handler=calls.erase,
            body=NoBody,
            answer=ErasedPerson,
            permission=Permission.PERSONS,
            parameters=(PERSON_ID,),
            codes=PERSON_CODES,
            audit="remove",
            durable=True,
        ),
        *_access(calls),
        *_credentials(calls),
    )


def _access(calls: RosterCalls) -> tuple[Operation[Any], ...]:
    below = partial(Operation, tag=TAG, answer=AccessBody, parameters=(PERSON_ID,))
    return (
        below(
            id="setPersonState",
            method="POST",
            path="/person/{person_id}/state",
            summary="Suspend a person, or end that",
            description="Who is suspended is kept and matched by nobody.",
            handler=calls.set_state,
            body=StateChange,
            permission=Permission.ENROL,
            codes=(*BODY_CODES, *PERSON_CODES),
            example={"state": "suspended"},
            audit="change state",
            durable=True,
        ),
        below(
            id="getPersonAccess",
            method="GET",
            path="/person/{person_id}/access",
            summary="What the rules know of a person",
            description="State, validity, groups, schedule, and whether there is a card or PIN.",
            handler=calls.show,
            body=NoBody,
            permission=Permission.LOOKUP,
            codes=PERSON_CODES,
            audit="look up",
        ),
        below(
            id="setPersonAccess",
            method="PUT",
            path="/person/{person_id}/access",
            summary="When a person may come",
            description="First and last moment (null: no limit) and groups.",
            handler=calls.set_access,
            body=AccessChange,
            permission=Permission.PERSONS,
            codes=(*BODY_CODES, *PERSON_CODES),
            example={"validFrom": None, "validUntil": "2026-12-31T23:00:00Z", "groups": ["staff"]},
            audit="change access",
            durable=True,
        ),
    )


def _credentials(calls: RosterCalls) -> tuple[Operation[Any], ...]:
    """They hold at the door within about a second."""
    below = partial(Operation, tag=TAG, answer=AccessBody, parameters=(PERSON_ID,), durable=True)
    below = partial(below, permission=Permission.PERSONS)
    card = partial(below, path="/person/{person_id}/card")
    pin = partial(below, path="/person/{person_id}/pin")
    return (
        card(
            id="setCard",
            method="PUT",
            summary="Give a person a card",
            description="In place of any other.",
            handler=calls.set_card,
            body=CardEntry,
            codes=(*BODY_CODES, *PERSON_CODES, "R_013"),
            example={"number": 1234567, "facility": 12},
            audit="set card",
        ),
        card(
            id="takeCard",
            method="DELETE",
            summary="Take a person's card away",
            description="Nothing happens where there is none.",
            handler=calls.take_card,
            body=NoBody,
            codes=PERSON_CODES,
            audit="remove card",
        ),
        pin(
            id="setPin",
            method="PUT",
            summary="Give a person a PIN",
            description="4 to 12 digits, in place of any other.",
            handler=calls.set_pin,
            body=NewPin,
            codes=(*BODY_CODES, *PERSON_CODES),
            example={"pin": "4711"},
            audit="set PIN",
        ),
        pin(
            id="takePin",
            method="DELETE",
            summary="Take a person's PIN away",
            description="Nothing happens where there is none.",
            handler=calls.take_pin,
            body=NoBody,
            codes=PERSON_CODES,
            audit="remove PIN",
        ),
    )
