"""Who is enrolled and what the rules know of them: /persons, and /person/{person_id} with what lies below it."""

from datetime import datetime, timezone
from typing import Any

from daemon.api.bodies import person_body
from daemon.api.failures import ApiError
from daemon.api.operations import Call, NoBody
from daemon.api.parameters import LONGEST_PAGE, PAGE, number, word, words
from daemon.api.roster_bodies import (
    AccessBody,
    AccessChange,
    CardEntry,
    ErasedPerson,
    NewPin,
    Receipt,
    Roster,
    RosterRow,
    StateChange,
)
from daemon.config.settings import Settings
from daemon.door.card_limits import check_card
from daemon.gallery.keeper import GalleryKeeper
from daemon.rules.credentials import Card, CredentialBook, Credentials
from daemon.rules.people import PeopleDirectory
from daemon.rules.schedule import schedules_of
from daemon.storage.people import Person
from daemon.storage.store import Store
from daemon.timestamps import from_iso, to_iso

STATES = frozenset({"active", "suspended"})


class RosterCalls:
    """Handlers of the calls on people beyond those of Auther Check."""

    def __init__(
        self, *, store: Store, gallery: GalleryKeeper, credentials: CredentialBook, settings: Settings
    ) -> None:
        self._store, self._gallery, self._credentials, self._settings = store, gallery, credentials, settings
        self._people = PeopleDirectory(store=store)

    def search(self, call: Call, _body: NoBody) -> Roster:
        """Raises ApiError R_011, StoreError."""
        limit = number(call, "limit", usual=PAGE, most=LONGEST_PAGE)
        text, after = (words(call, "search") or "").lower(), words(call, "after") or ""
        state = word(call, "state", known=STATES)
        self._people.refresh()
        self._credentials.refresh()
        found = [
            person
            for person in self._people.all()
            if text in person.person_id.lower() and (state is None or person.active == (state == "active"))
        ]
        following = [person for person in found if person.person_id > after]
        page = following[:limit]
        return Roster(
            persons=[RosterRow(**self._row(person)) for person in page],
            next=page[-1].person_id if len(following) > limit else None,
            total=len(found),
        )

    def show(self, call: Call, _body: NoBody) -> AccessBody:
        """Raises PersonNotFound."""
        return self._body(self._store.person(call.path["person_id"]))

    def set_state(self, call: Call, body: StateChange) -> AccessBody:
        """Raises PersonNotFound. Who is suspended is matched by nobody from then on."""
        person = self._store.update(call.path["person_id"], active=body.state == "active")
        self._gallery.refresh()
        return self._body(person)

    def set_access(self, call: Call, body: AccessChange) -> AccessBody:
        """Raises PersonNotFound, ApiError R_002."""
        start, end = _time(body.valid_from), _time(body.valid_until)
        if start is not None and end is not None and end <= start:
            raise ApiError("R_002", "validUntil: must be after validFrom")
        groups = list(dict.fromkeys(body.groups))
        return self._body(self._store.update(call.path["person_id"], valid_from=start, valid_until=end, groups=groups))

    def set_card(self, call: Call, body: CardEntry) -> AccessBody:
        """Raises PersonNotFound, ApiError R_002 for a card that panel or reader can't take, R_013 for another's."""
        person, card = self._store.person(call.path["person_id"]), Card(body.facility, body.number)
        try:
            check_card(self._settings, card)
        except ValueError as error:
            raise ApiError("R_002", str(error)) from None
        try:
            self._credentials.set_card(person.person_id, card)
        except ValueError as error:
            raise ApiError("R_013", str(error)) from None
        return self._body(person)

    def take_card(self, call: Call, _body: NoBody) -> AccessBody:
        """Raises PersonNotFound."""
        person = self._store.person(call.path["person_id"])
        self._credentials.set_card(person.person_id, None)
        return self._body(person)

    def set_pin(self, call: Call, body: NewPin) -> AccessBody:
        """Raises PersonNotFound, ApiError R_002 for anything but digits."""
        person = self._store.person(call.path["person_id"])
        try:
            self._credentials.set_pin(person.person_id, body.pin.get_secret_value())
        except ValueError as error:
            raise ApiError("R_002", str(error)) from None
        return self._body(person)

    def take_pin(self, call: Call, _body: NoBody) -> AccessBody:
        """Raises PersonNotFound."""
        person = self._store.person(call.path["person_id"])
        self._credentials.set_pin(person.person_id, None)
        return self._body(person)

    def erase(self, call: Call, _body: NoBody) -> ErasedPerson:
        """Raises PersonNotFound."""
        person_id = call.path["person_id"]
        erasure = self._gallery.remove(person_id)
        receipt = Receipt(
            person_hash=erasure.person_hash,
            erased=to_iso(erasure.erased.timestamp()),
            templates=erasure.templates,
            images=erasure.images,
            credentials=self._credentials.remove(person_id),
            complete=erasure.complete,
        )
        created, updated = (to_iso(at.timestamp()) for at in (erasure.created, erasure.updated))
        return ErasedPerson(person_id=person_id, created=created, updated=updated, receipt=receipt)

    def _body(self, person: Person) -> AccessBody:
        self._credentials.refresh()
        return AccessBody(**self._row(person), schedule=", ".join(schedules_of(self._settings.rules, person)) or None)

    def _row(self, person: Person) -> dict[str, Any]:
        has = self._credentials.people.get(person.person_id, Credentials())
        start, end = (at and to_iso(at.timestamp()) for at in (person.valid_from, person.valid_until))
        return {
            **person_body(person).model_dump(),
            "active": person.active,
            "valid_from": start,
            "valid_until": end,
            "groups": list(person.groups),
            "templates": person.templates,
            "card": has.card is not None,
            "pin": has.pin is not None,
        }


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromtimestamp(from_iso(text), timezone.utc)
