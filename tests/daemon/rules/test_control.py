from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from daemon.config.rules import Rules
from daemon.errors import PersonIdError, StoreError
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.rules.access import AccessRules
from daemon.rules.control import AccessControl
from daemon.rules.credentials import Card, CredentialBook
from daemon.storage.people import Person
from daemon.storage.vault import Cipher
from daemon.types import Decision, Reason
from tests.daemon.rules.test_access import MONDAY, person

CARD = Card(facility=12, number=34567)


class Lobby:
    """An access control, and all that it passed on in order."""

    def __init__(self, credentials: CredentialBook | None, **rules: object) -> None:
        self.now = 0.0
        self.track = 0
        self.granted: list[Decision] = []
        self.told: list[Decision | DoorEvent | str] = []
        self.people: dict[str, Person] = {"ada": person("ada", groups=("duress",)), "bob": person("bob")}
        self.control = AccessControl(
            rules=AccessRules(rules=Rules.model_validate(rules), find=self.people.get),
            credentials=credentials,
            grant=self.grant,
            listener=self,
            clock=lambda: self.now,
            wall=lambda: MONDAY,
        )

    def grant(self, decision: Decision) -> None:
        self.granted.append(decision)
        self.told.append("granted")

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        assert driven is None
        self.told.append(decision)

    def tell_event(self, event: DoorEvent) -> None:
        self.told.append(event)

    def face(self, who: str) -> float | None:
        self.track += 1
        return self.control.decide(Decision(self.track, Reason.GRANTED, self.now, who, 0.8, 0.9))


@pytest.fixture
def book(tmp_path: Path) -> CredentialBook:
    book = CredentialBook(path=tmp_path / "credentials", seal=Cipher(data_key=bytes(32)))
    book.set_card("ada", CARD)
    book.set_pin("ada", "1234")
    return book


def test_a_grant_goes_to_the_door_before_anything_is_told() -> None:
    lobby = Lobby(None, duress_groups=["duress"])
    lobby.face("ada")
    assert lobby.told == ["granted", DoorEvent(EventType.DURESS, 0.0, detail="ada")]


def test_a_denial_goes_to_the_listener_only() -> None:
    lobby = Lobby(None)
    lobby.face("ghost")
    lobby.control.decide(Decision(2, Reason.SPOOF, 0.0))
    assert not lobby.granted
    assert [told.reason for told in lobby.told if isinstance(told, Decision)] == [Reason.NOT_PROVISIONED, Reason.SPOOF]


def test_a_pin_opens_for_whose_face_it_follows(book: CredentialBook) -> None:
    lobby = Lobby(book, second_factor={"accept": ["pin"]})
    assert not lobby.control.pin("1234")
    lobby.face("ada")
    assert lobby.control.waiting_for == "ada"
    assert not lobby.control.pin("4321")
    assert lobby.control.pin("1234")
    assert [decision.person_id for decision in lobby.granted] == ["ada"]
    lobby.face("bob")
    assert not lobby.control.pin("1234")


def test_a_card_opens_for_whose_face_it_follows(book: CredentialBook) -> None:
    lobby = Lobby(book, second_factor={"accept": ["card"]})
    lobby.face("ada")
    assert not lobby.control.card(Card(1, 2))
    assert lobby.control.card(CARD)
    lobby.now = 30.0
    lobby.face("ada")
    lobby.now = 60.0
    lobby.control.tick()
    last = lobby.told[-1]
    assert isinstance(last, Decision)
    assert last.reason is Reason.FACTOR_TIMEOUT


def test_credentials_survive_in_a_file_that_tells_nothing(book: CredentialBook, tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    again = CredentialBook(path=path, seal=Cipher(data_key=bytes(32)))
    assert again.card("ada") == CARD
    assert again.owner(CARD) == "ada"
    assert again.pin_matches("ada", "1234")
    assert not again.pin_matches("ada", "12345")
    assert not again.pin_matches("bob", "")
    assert b"ada" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    again.remove("ada")
    assert CredentialBook(path=path, seal=Cipher(data_key=bytes(32))).card("ada") is None


def test_a_card_belongs_to_one(book: CredentialBook) -> None:
    with pytest.raises(ValueError, match="belongs to ada"):
        book.set_card("bob", CARD)
    book.set_card("ada", None)
    book.set_card("bob", CARD)
    assert book.owner(CARD) == "bob"


def test_what_is_no_pin_or_person_is_refused(book: CredentialBook) -> None:
    for pin in ("", "123", "1" * 13, "12a4", "１２３４"):
        with pytest.raises(ValueError, match="4 to 12 digits"):
            book.set_pin("ada", pin)
    with pytest.raises(PersonIdError):
        book.set_pin("../etc", "1234")


def test_another_key_is_refused_and_changes_nothing(book: CredentialBook, tmp_path: Path) -> None:
    before = (tmp_path / "credentials").read_bytes()
    with pytest.raises(StoreError, match="another key") as caught:
        CredentialBook(path=tmp_path / "credentials", seal=Cipher(data_key=bytes(range(32))))
    assert isinstance(caught.value.__cause__, InvalidTag | Exception)
    assert (tmp_path / "credentials").read_bytes() == before


def test_a_pin_opens_nothing_where_only_cards_are_accepted(book: CredentialBook) -> None:
    lobby = Lobby(book, second_factor={"accept": ["card"]})
    lobby.face("ada")
    assert lobby.control.waiting_for is None
    assert not lobby.control.pin("1234")
    assert not lobby.granted


def test_a_lockout_holds_for_the_right_pin_too(book: CredentialBook) -> None:
    lobby = Lobby(book, second_factor={"accept": ["pin"]}, attempts={"tries": 2})
    lobby.face("ada")
    assert [lobby.control.pin(pin) for pin in ("0000", "0001", "1234")] == [False] * 3
    assert DoorEvent(EventType.LOCKOUT, 0.0) in lobby.told
    assert not lobby.granted


def test_who_is_suspended_while_their_pin_is_awaited_stays_outside(book: CredentialBook) -> None:
    lobby = Lobby(book, second_factor={"accept": ["pin"], "seconds": 300.0})
    lobby.face("ada")
    lobby.people["ada"] = replace(lobby.people["ada"], active=False)
    lobby.now = 250.0
    assert not lobby.control.pin("1234")
    assert not lobby.granted


def test_two_who_come_together_are_both_granted_and_an_alarm_of_either_is_told(book: CredentialBook) -> None:
    lobby = Lobby(book, two_person={"groups": ["vault"]}, duress_groups=["duress"], anti_passback={"mode": "hard"})
    lobby.people["ada"] = person("ada", groups=("vault", "duress"))
    lobby.people["bob"] = person("bob", groups=("vault",))
    lobby.face("ada")
    lobby.face("bob")
    assert [decision.person_id for decision in lobby.granted] == ["ada", "bob"]
    assert lobby.told[1:] == ["granted", "granted", DoorEvent(EventType.DURESS, 0.0, detail="ada")]
    assert set(lobby.control.entered()) == {"ada", "bob"}


def test_a_refused_face_hears_from_when_on_it_may_be_judged_again(book: CredentialBook) -> None:
    lobby = Lobby(book, second_factor={"accept": ["pin"], "groups": ["duress"], "seconds": 15.0})
    assert lobby.face("bob") is None
    assert lobby.face("ada") == 15.0
    assert lobby.face("ghost") is not None
    assert lobby.control.decide(Decision(9, Reason.UNKNOWN, 0.0)) is None
    assert lobby.control.pin("1234")
    assert lobby.control.decide(Decision(2, Reason.GRANTED, 0.0, "ada")) is None


def test_a_wait_that_is_over_is_told_before_the_next_one_begins(book: CredentialBook) -> None:
    lobby = Lobby(book, second_factor={"accept": ["pin"], "seconds": 15.0})
    lobby.face("ada")
    lobby.now = 15.5
    lobby.face("ada")
    reasons = [told.reason for told in lobby.told if isinstance(told, Decision)]
    assert reasons == [Reason.SECOND_FACTOR, Reason.FACTOR_TIMEOUT, Reason.SECOND_FACTOR]
