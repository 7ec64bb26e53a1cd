"""Erasure reaches cards, PINs and the list of who is inside; the latter survives a restart."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from daemon.config.settings import Settings, parse
from daemon.door.assembly import DoorSide, assemble_door
from daemon.door.attached import open_credentials
from daemon.door.build import open_strike
from daemon.errors import StoreError
from daemon.events.door_changes import DoorEvent
from daemon.rules.credentials import Card, CredentialBook
from daemon.rules.inside import InsideFile
from daemon.rules.people import PeopleDirectory
from daemon.rules.upkeep import Upkeep
from daemon.storage.backup import restore_backup, write_backup
from daemon.storage.departures import GRACE_HOURS
from daemon.storage.store import Store, open_store
from daemon.storage.vault import Cipher
from daemon.types import Decision, Reason
from tests.daemon.stores import MODEL, template

CARD = Card(facility=12, number=34567)
PASSPHRASE = "correct horse battery"
SEAL = Cipher(data_key=bytes(32))


class Deaf:
    def __init__(self) -> None:
        self.reasons: list[Reason] = []

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        self.reasons.append(decision.reason)

    def tell_event(self, event: DoorEvent) -> None: ...

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None: ...


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    rules = {"anti_passback": {"mode": "hard"}}
    return parse({"storage": {"folder": str(tmp_path)}, "rules": rules}, source="test")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with closing(open_store(settings.storage, environ={})) as store:
        for person_id in ("ada", "bob"):
            store.enrol(person_id, [template(1)], replace=False)
        yield store


def side(stack: ExitStack, settings: Settings, store: Store, ears: Deaf) -> DoorSide:
    strike = stack.enter_context(closing(open_strike(settings.door)))
    return stack.enter_context(assemble_door(settings, strike=strike, store=store, events=ears, lockdown=False))


def face(door: DoorSide, who: str) -> None:
    door.access.decide(Decision(1, Reason.GRANTED, 0.0, who, 0.8, 0.9))


def test_an_erased_person_keeps_no_card_wherever_the_erasure_came_from(settings: Settings, store: Store) -> None:
    cli, _ = open_credentials(settings)
    with ExitStack() as stack:
        door = side(stack, settings, store, Deaf())
        cli.set_card("ada", CARD)
        cli.set_pin("bob", "1234")
        face(door, "ada")
        door.refresh()
        assert set(door.access.entered()) == {"ada"}
        with closing(open_store(settings.storage, environ={})) as other:
            other.remove("ada")
        door.refresh()
        cli.refresh()
        assert list(cli.people) == ["bob"]
        assert not door.access.entered()


def test_what_was_erased_while_nothing_ran_goes_at_the_start(settings: Settings, store: Store) -> None:
    cli, _ = open_credentials(settings)
    cli.set_card("ada", CARD)
    store.remove("ada")
    with ExitStack() as stack:
        side(stack, settings, store, Deaf()).refresh()
    cli.refresh()
    assert not cli.people


def test_a_store_that_was_lost_and_restored_costs_nobody_a_card(
    settings: Settings, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    cli, _ = open_credentials(settings)
    cli.set_card("ada", CARD)
    cli.set_pin("bob", "1234")
    backup, folder = settings.storage.folder / "people.backup", settings.storage.folder
    write_backup(store, backup, passphrase=PASSPHRASE, log_cost=4)
    store.close()
    for lost in folder.glob("people.db*"):
        lost.unlink()
    with closing(open_store(settings.storage, environ={})) as anew, ExitStack() as stack:
        door = side(stack, settings, anew, Deaf())
        door.refresh()
        assert "2 people with a card or PIN, or inside, are not in the store" in caplog.text
        restore_backup(anew, backup, passphrase=PASSPHRASE, model=MODEL)
        door.refresh()
        anew.remove("bob")
        door.refresh()
    cli.refresh()
    assert list(cli.people) == ["ada"]


def test_who_is_missing_for_a_month_of_running_keeps_no_card(settings: Settings, store: Store) -> None:
    cli, _ = open_credentials(settings)
    cli.set_card("eve", CARD)
    cli.set_pin("bob", "1234")
    now = 1e6
    with ExitStack() as stack:
        inside = InsideFile(path=settings.storage.folder / "inside", seal=SEAL)
        upkeep = Upkeep(
            store=store,
            people=PeopleDirectory(store=store),
            credentials=cli,
            access=side(stack, settings, store, Deaf()).access,
            inside=inside,
            clock=lambda: now,
        )
        upkeep.refresh()
        for hours in (1, GRACE_HOURS - 2):
            now += hours * 3600
            upkeep.refresh()
            upkeep.refresh()
        assert set(cli.people) == {"eve", "bob"}
        now += 3600
        upkeep.refresh()
        upkeep.refresh()
        now += 3600
        upkeep.refresh()
    assert set(cli.people) == {"bob"}


def test_a_disk_that_refuses_is_asked_again(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cli, _ = open_credentials(settings)
    cli.set_card("ada", CARD)

    def full(*_: object) -> None:
        raise StoreError("credentials: can't be written: no space")

    with ExitStack() as stack:
        door = side(stack, settings, store, Deaf())
        store.remove("ada")
        with monkeypatch.context() as patch:
            patch.setattr("daemon.rules.credentials.write_whole", full)
            door.refresh()
        assert "are still there" in caplog.text
        door.refresh()
    cli.refresh()
    assert not cli.people


def test_who_is_inside_is_so_after_a_restart(settings: Settings, store: Store) -> None:
    ears = Deaf()
    with ExitStack() as stack:
        face(side(stack, settings, store, ears), "ada")
    assert b"ada" not in (settings.storage.folder / "inside").read_bytes()
    with ExitStack() as stack:
        door = side(stack, settings, store, ears)
        face(door, "ada")
        assert ears.reasons == [Reason.PASSBACK]
        door.access.left("ada")
    with ExitStack() as stack:
        assert not side(stack, settings, store, ears).access.entered()


def test_the_time_inside_goes_on_by_the_wall_clock(tmp_path: Path) -> None:
    def file(clock: float, wall: float) -> InsideFile:
        return InsideFile(path=tmp_path / "inside", seal=SEAL, clock=lambda: clock, wall=lambda: wall)

    file(100.0, 1e9).save({"ada": 40.0})
    assert file(5.0, 1e9 + 30).load() == {"ada": pytest.approx(-85.0)}
    assert file(5.0, 1e9 - 3600).load() == {"ada": 5.0}


def test_a_clock_that_is_set_while_somebody_is_inside_makes_nobody_leave(tmp_path: Path) -> None:
    clock, wall = 100.0, 1e9

    def file() -> InsideFile:
        return InsideFile(path=tmp_path / "inside", seal=SEAL, clock=lambda: clock, wall=lambda: wall)

    inside = file()
    inside.save({"ada": 100.0})
    clock, wall = clock + 60, wall + 60 + 8 * 3600
    inside.save({"ada": 100.0})
    clock, wall = 5.0, wall + 10
    again = file()
    entered = again.load()
    assert entered == {"ada": pytest.approx(-65.0)}
    wall -= 30
    again.save(entered)
    wall += 10
    assert file().load() == {"ada": pytest.approx(-75.0)}


def test_a_clock_that_is_not_set_writes_nothing(tmp_path: Path) -> None:
    clock = 100.0
    inside = InsideFile(path=tmp_path / "inside", seal=SEAL, clock=lambda: clock, wall=lambda: 1e9 + clock * 1.0001)
    inside.save({"ada": 100.0})
    (tmp_path / "inside").unlink()
    clock += 60
    inside.save({"ada": 100.0})
    assert not (tmp_path / "inside").exists()


def test_a_damaged_list_of_who_is_inside_keeps_no_door_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "inside").write_bytes(b"x" * 100)
    assert InsideFile(path=tmp_path / "inside", seal=SEAL).load() == {}
    assert "nobody inside" in caplog.text
    gone = InsideFile(path=tmp_path / "absent" / "inside", seal=SEAL)
    gone.save({"ada": 1.0})
    assert "forgotten at a restart" in caplog.text


def test_two_processes_change_cards_and_lose_nothing(tmp_path: Path) -> None:
    one, two = (CredentialBook(path=tmp_path / "credentials", seal=SEAL) for _ in range(2))
    one.set_card("ada", CARD)
    with pytest.raises(ValueError, match="belongs to ada"):
        two.set_card("bob", CARD)
    two.set_pin("bob", "1234")
    assert one.refresh()
    assert not one.refresh()
    assert set(one.people) == {"ada", "bob"}
    assert one.remove("ada")
    assert not one.remove("ada")
    assert two.owner(CARD) == "ada"
    assert two.refresh()
    assert two.owner(CARD) is None
