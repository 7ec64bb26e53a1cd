"""Terminals of one site on a broker in memory: each thing that goes wrong has one defined end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.errors import PersonNotFound
from daemon.mqtt.link import Outgoing
from daemon.sharing.messages import SiteCodec
from daemon.sharing.site_key import SiteKey
from daemon.sharing.versions import Version
from tests.daemon.sharing_broker import FLOOD, KEEP_DAYS, SITE, Broker, Terminal, ids, run
from tests.daemon.sharing_terminal import fingerprint
from tests.daemon.stores import template

DAY = 86_400.0


class Site:
    """Terminals on one broker, all closed at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = Broker()
        self.terminals: list[Terminal] = []

    def terminal(self, name: str, *, site: SiteKey = SITE, lead: float = 0.0) -> Terminal:
        terminal = Terminal(self.folder, self.broker, name, site=site, lead=lead)
        terminal.connect()
        self.terminals.append(terminal)
        return terminal

    def pair(self, *people: str) -> tuple[Terminal, Terminal]:
        """Two terminals that both know these people."""
        one, two = self.terminal("door1"), self.terminal("door2")
        for seed, person_id in enumerate(people):
            one.store.enrol(person_id, [template(seed)], replace=False)
        run(self.broker, one, two, seconds=5)
        assert ids(one, two) == [sorted(people)] * 2
        return one, two


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    for terminal in site.terminals:
        terminal.store.close()


def test_an_enrolment_a_replacement_and_a_removal_reach_the_other(site: Site) -> None:
    one, two = site.pair("ada", "bob")
    assert fingerprint(one.store) == fingerprint(two.store)
    two.store.enrol("ada", [template(7), template(8)], replace=True)
    one.store.remove("bob")
    run(site.broker, one, two, seconds=5)
    assert fingerprint(one.store) == fingerprint(two.store)
    assert ids(one, two) == [["ada"]] * 2
    assert two.store.person("ada").templates == 2
    assert one.people.counts() == two.people.counts()


def test_what_the_broker_keeps_of_who_was_removed_is_no_template(site: Site) -> None:
    one, two = site.pair("ada")
    before = len(site.broker.retained[one.topic("ada")].payload)
    two.store.remove("ada")
    run(site.broker, one, two, seconds=5)
    kept = site.broker.retained[one.topic("ada")]
    assert len(kept.payload) < 100 < before
    assert kept.expiry is not None
    assert abs(kept.expiry - KEEP_DAYS * DAY) < DAY


def test_nothing_is_published_before_everything_was_read(site: Site) -> None:
    one, _ = site.pair("ada")
    one.disconnect()
    late = Terminal(site.folder, site.broker, "door3")
    site.terminals.append(late)
    late.store.enrol("ada", [template(99)], replace=False)
    late.connect()
    published = site.broker.published
    late.session.step()
    assert not late.session.complete
    assert site.broker.published == published + 1  # the marker


def test_the_later_of_two_concurrent_changes_wins_everywhere(site: Site) -> None:
    one, two = site.pair("ada")
    for terminal in (one, two):
        terminal.disconnect()
    one.store.enrol("ada", [template(11)], replace=True)
    later = two.store.enrol("ada", [template(12)], replace=True)
    two.connect()
    run(site.broker, two, seconds=5)
    one.connect()
    run(site.broker, one, two, seconds=30)
    assert fingerprint(one.store) == fingerprint(two.store)
    assert one.store.person("ada").updated == later.updated
    assert (one.people.overruled, two.people.overruled) == (1, 0)


def test_a_removal_made_while_the_daemon_was_down_has_its_own_time(site: Site) -> None:
    one, two = site.pair("ada")
    one.disconnect()
    one.store.remove("ada")
    two.store.enrol("ada", [template(5)], replace=True)  # later than the removal, and published first
    run(site.broker, two, seconds=5)
    one.connect()
    run(site.broker, one, two, seconds=30)
    assert ids(one, two) == [["ada"]] * 2


def test_a_terminal_that_was_off_for_a_month_catches_up(site: Site) -> None:
    one, two = site.pair("ada", "bob")
    two.disconnect()
    one.store.remove("ada")
    one.store.enrol("eve", [template(3)], replace=False)
    two.store.enrol("dan", [template(4)], replace=False)
    run(site.broker, one, seconds=5)
    site.broker.now += 30 * DAY
    two.connect()
    run(site.broker, one, two, seconds=60)
    assert ids(one, two) == [["bob", "dan", "eve"]] * 2


def test_a_terminal_that_was_off_longer_than_removals_are_remembered_gives_way(site: Site) -> None:
    one, two = site.pair("ada", "bob")
    two.disconnect()
    one.store.remove("ada")
    two.store.enrol("dan", [template(4)], replace=False)  # never told anybody: that is kept
    run(site.broker, one, seconds=5)
    site.broker.now += (KEEP_DAYS + 2) * DAY
    del site.broker.retained[one.topic("ada")]  # expired
    run(site.broker, one, seconds=5)
    assert one.people.counts().removals == 0
    two.connect()
    run(site.broker, one, two, seconds=60)
    assert ids(one, two) == [["bob", "dan"]] * 2
    assert two.tally.discarded == 1


@pytest.mark.parametrize("days", [1, KEEP_DAYS + 2])
def test_a_broker_that_has_lost_everything_is_filled_again(site: Site, days: int) -> None:
    one, two = site.pair("ada", "bob")
    two.store.remove("bob")
    run(site.broker, one, two, seconds=5)
    for terminal in (one, two):
        terminal.disconnect()
    site.broker.retained.clear()
    site.broker.now += days * DAY
    one.connect()
    run(site.broker, one, seconds=30)
    assert one.topic("ada") in site.broker.retained
    assert (one.topic("bob") in site.broker.retained) is (days == 1)
    assert ids(one) == [["ada"]]


@pytest.mark.parametrize("read_before", [True, False])
def test_who_read_everything_under_a_clock_far_behind_erases_nobody_for_it(site: Site, read_before: bool) -> None:
    one = site.terminal("door1")
    for seed, person_id in enumerate(("ada", "bob", "cyd")):
        one.store.enrol(person_id, [template(seed)], replace=False)
    if read_before:
        run(site.broker, one, seconds=5)
    one.disconnect()
    one.lead = -(KEEP_DAYS + 2) * DAY
    one.connect()
    run(site.broker, one, seconds=5)
    one.disconnect()
    one.lead = 0.0
    for person_id in ("ada", "bob"):
        del site.broker.retained[one.topic(person_id)]
    one.connect()
    run(site.broker, one, seconds=60)
    assert ids(one) == [["ada", "bob", "cyd"]]
    assert len(site.broker.retained) == 3


def test_who_had_to_refuse_changes_as_ahead_has_not_read_everything(site: Site) -> None:
    one = site.terminal("door1")
    one.store.enrol("ada", [template(1)], replace=False)
    run(site.broker, one, seconds=5)
    behind = site.terminal("door2", lead=-(KEEP_DAYS + 2) * DAY)
    run(site.broker, one, behind, seconds=5)
    assert behind.people.join() == 0
    behind.lead = 0.0
    behind.disconnect()
    behind.connect()
    run(site.broker, one, behind, seconds=5)
    assert behind.people.join() > 0
    assert ids(behind) == [["ada"]]


def test_what_a_broker_drops_of_a_flood_is_read_when_it_is_over(site: Site) -> None:
    one, two = site.pair()
    assert two.wire is not None
    for seed in range(FLOOD + 5):
        one.store.enrol(f"person-{seed}", [template(seed)], replace=False)
    run(site.broker, one, two, seconds=1.5)
    two.wire.full = True
    one.store.enrol("dropped", [template(99)], replace=False)
    run(site.broker, one, two, seconds=1.5)
    two.wire.full = False
    assert len(two.store.people()) == FLOOD + 5
    assert not two.session.idle
    run(site.broker, one, two, seconds=10)
    assert len(two.store.people()) == FLOOD + 6
    assert two.session.idle


def test_terminals_that_see_one_loss_do_not_all_mend_it(site: Site) -> None:
    one, two = site.pair(*(f"person-{number}" for number in range(20)))
    for terminal in (one, two):
        terminal.disconnect()
    site.broker.retained.clear()
    for terminal in (one, two):
        terminal.connect()
    site.broker.published = 0
    site.broker.now += 0.01
    for _ in range(300):
        site.broker.now += 0.1
        one.session.step()
        two.session.step()
    people = site.broker.published - 20  # markers
    assert len(site.broker.retained) == 20
    assert 20 <= people <= 30


def test_an_older_version_that_is_published_again_changes_nothing_and_is_mended(site: Site) -> None:
    one, two = site.pair("ada")
    replayed = site.broker.retained[one.topic("ada")]
    one.store.remove("ada")
    run(site.broker, one, two, seconds=5)
    site.broker.publish(replayed)
    run(site.broker, one, two, seconds=30)
    assert ids(one, two) == [[], []]
    assert one.tally.older >= 1
    late = site.terminal("door3")
    run(site.broker, one, two, late, seconds=5)
    assert ids(late) == [[]]


@pytest.mark.parametrize("what", ["tampered", "moved", "foreign", "cleared"])
def test_what_no_terminal_of_the_site_has_sent_changes_nothing_and_is_mended(site: Site, what: str) -> None:
    one, two = site.pair("ada", "bob")
    topic, true = one.topic("ada"), site.broker.retained[one.topic("ada")].payload
    foreign = SiteCodec(site=SiteKey(key=bytes(32)), base_topic="auther")
    payload = {
        "tampered": true[:-1] + bytes([true[-1] ^ 1]),
        "moved": site.broker.retained[one.topic("bob")].payload,
        "foreign": foreign.seal(SITE.person_hash("ada"), Version(10**13, 0, "x", bytes(8)), b""),
        "cleared": b"",
    }[what]
    site.broker.publish(Outgoing(topic, payload, retain=True))
    run(site.broker, one, two, seconds=30)
    assert ids(one, two) == [["ada", "bob"]] * 2
    mended = one.codec.open(SITE.person_hash("ada"), site.broker.retained[topic].payload)
    assert mended.shared is not None
    alarms = {kind for terminal in (one, two) for kind, _ in terminal.alarms}
    assert alarms == (set() if what == "cleared" else {"sharing_refused"})


def test_a_change_from_the_future_is_refused_with_an_alarm_until_the_clock_is_right(site: Site) -> None:
    one, fast = site.terminal("door1"), site.terminal("door2", lead=3600.0)
    # The store stamps with the machine's clock, so the broker's time is that less the lead.
    site.broker.now = one.store.enrol("ada", [template(1)], replace=False).updated.timestamp() - 3600
    run(site.broker, one, fast, seconds=1)
    assert ids(fast) == [["ada"]]
    normal = site.terminal("door3")
    run(site.broker, normal, one, fast, seconds=5)
    assert ids(normal) == [[]]
    assert [kind for kind, _ in normal.alarms] == ["clock_skew"]
    assert "door1 claims a time 35" in normal.alarms[0][1]
    site.broker.now += 3600  # or this terminal's clock was the wrong one, and has been set
    run(site.broker, normal, one, fast)
    run(site.broker, normal, one, fast, seconds=5)
    assert ids(normal) == [["ada"]]


def test_a_terminal_whose_clock_was_ahead_dates_its_changes_anew(site: Site) -> None:
    ahead, normal = site.terminal("door1"), site.terminal("door2")
    ahead.store.enrol("ada", [template(1)], replace=False)
    site.broker.now = ahead.store.person("ada").updated.timestamp() - 7200
    ahead.disconnect()
    ahead.connect()
    run(site.broker, ahead, normal, seconds=5)
    ahead.disconnect()
    ahead.connect()
    run(site.broker, ahead, normal, seconds=5)
    assert ids(normal) == [[]]
    assert any("site restamp" in detail for kind, detail in ahead.alarms if kind == "clock_skew")
    assert ahead.people.restamp() == 1
    run(site.broker, ahead, normal, seconds=5)
    assert ids(normal) == [["ada"]]


def test_a_broker_that_refuses_people_gets_them_later(site: Site) -> None:
    one = site.terminal("door1")
    assert one.wire is not None
    one.wire.refusal = "Not authorized"
    one.store.enrol("ada", [template(1)], replace=False)
    run(site.broker, one)
    assert one.people.counts().due == 1
    one.wire.refusal = ""
    run(site.broker, one, seconds=40)
    assert one.people.counts().due == 0


def test_without_markers_all_is_read_and_nothing_concluded(site: Site) -> None:
    one, two = site.pair("ada")
    del site.broker.retained[one.topic("ada")]
    two.disconnect()
    two.connect()
    assert two.wire is not None
    two.wire.deaf = True
    run(site.broker, two, seconds=120)
    assert two.session.complete
    assert site.broker.retained == {}


def test_a_new_site_key_takes_everybody_to_the_new_site(site: Site) -> None:
    """The procedure after a key was lost: create on one terminal, import on the others, restart each."""
    one, two = site.pair("ada", "bob")
    new = SiteKey(key=bytes([7]) * 32)
    moved = []
    for old in (one, two):
        old.disconnect()
        old.store.close()
        moved.append(site.terminal(old.name, site=new))
        run(site.broker, *moved, seconds=5)
    moved[0].store.remove("bob")
    run(site.broker, *moved, seconds=30)
    assert ids(*moved) == [["ada"]] * 2
    assert fingerprint(moved[0].store) == fingerprint(moved[1].store)
    assert moved[0].store.listing("testnet/1")[2] == new.transform_secret
    with pytest.raises(PersonNotFound):
        moved[1].store.person("bob")
