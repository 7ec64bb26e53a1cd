"""The sharing thread on a real mosquitto, beside other processes that change the store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from daemon.backoff import Backoff
from daemon.cli import main
from daemon.config.settings import Mqtt, Settings, Sharing
from daemon.desk import open_store as open_configured
from daemon.errors import ConfigError, SiteKeyError
from daemon.events.messages import Alarm
from daemon.events.outbox import Outbox
from daemon.sharing.repairs import Repairs
from daemon.sharing.setup import sharing
from daemon.sharing.thread import Sharer
from daemon.storage.store import Store
from tests.daemon.mosquitto import Mosquitto, Watcher, property_of, running, wait_until
from tests.daemon.sharing_terminal import SITE, fingerprint
from tests.daemon.stores import open_store, template
from tests.ports import free_port

Start = Callable[..., tuple[Sharer, Store]]
DAY = 86_400


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def start(tmp_path: Path, broker: Mosquitto) -> Iterator[Start]:
    made: list[tuple[Sharer, Store]] = []

    def begin(name: str, *, alarms: list[Alarm] | None = None, **mqtt: object) -> tuple[Sharer, Store]:
        (tmp_path / name).mkdir()
        store = open_store(tmp_path / name)
        sharer = Sharer(
            store=store,
            site=SITE,
            sharing=Sharing(),
            mqtt=Mqtt.model_validate({"host": "127.0.0.1", "port": broker.port, **mqtt}),
            device_id=name,
            alarm=lambda kind, _detail: (alarms if alarms is not None else []).append(kind),
            backoff=Backoff(shortest=0.02, longest=0.1),
            repairs=Repairs(spread=0.1, repeat=0.1),
        )
        sharer.start()
        made.append((sharer, store))
        return sharer, store

    yield begin
    for sharer, store in made:
        sharer.close()
        store.close()


def quiet(sharer: Sharer) -> bool:
    state = sharer.state
    return state.complete and state.idle and not state.counts.due


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_people_reach_another_terminal_and_a_late_one(start: Start, protocol: str) -> None:
    (first, one), (_, two) = start("door1", protocol=protocol), start("door2", protocol=protocol)
    one.enrol("ada", [template(1)], replace=False)
    wait_until(lambda: len(two.people()) == 1, "ada on the other terminal")
    two.enrol("ada", [template(2)], replace=True)
    wait_until(lambda: fingerprint(one) == fingerprint(two), "the replacement")
    wait_until(lambda: quiet(first), "rest")
    late, three = start("door3", protocol=protocol)
    wait_until(lambda: late.state.complete, "the late terminal")
    wait_until(lambda: fingerprint(one) == fingerprint(three), "the late terminal's people")
    assert late.state.sent == 0


def test_a_removal_by_the_command_line_overwrites_what_the_broker_keeps(tmp_path: Path, broker: Mosquitto) -> None:
    folder = tmp_path / "terminal"
    folder.mkdir()
    config = tmp_path / "auther.toml"
    config.write_text(
        f'[storage]\nfolder = "{folder}"\n[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {broker.port}\n'
        "[sharing]\nenabled = true\n"
    )
    runner = CliRunner()
    assert runner.invoke(main, ["--config", str(config), "site", "create-key"]).exit_code == 0
    settings = Settings.model_validate(
        {
            "storage": {"folder": folder},
            "mqtt": {"enabled": True, "host": "127.0.0.1", "port": broker.port},
            "sharing": {"enabled": True},
        }
    )
    store = open_configured(settings)
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=100, max_age_seconds=1e6)
    with sharing(settings, store=store, outbox=outbox, notify=lambda: None) as sharer:
        assert sharer is not None
        store.enrol("ada", [template(1)], replace=False)
        wait_until(lambda: sharer.state.sent == 1, "ada at the broker")
        assert runner.invoke(main, ["--config", str(config), "remove", "ada"]).exit_code == 0
        wait_until(lambda: sharer.state.sent == 2, "the removal at the broker")
        shown = runner.invoke(main, ["--config", str(config), "site", "show"])
        assert shown.output.splitlines() == [
            f"site {sharer.state.site_id}",
            "0 people shared, 1 removals remembered, 0 changes to publish",
        ]
    with Watcher(broker.port, "auther/site/#") as watcher:
        wait_until(lambda: bool(watcher.messages), "the tombstone")
    assert len(watcher.messages) == 1
    assert len(watcher.messages[0].payload) < 100
    assert 399 * DAY < property_of(watcher.messages[0], "MessageExpiryInterval") <= 400 * DAY
    store.close()
    outbox.close()


def test_forgeries_raise_one_alarm_and_change_nothing(start: Start, broker: Mosquitto) -> None:
    alarms: list[Alarm] = []
    sharer, store = start("door1", alarms=alarms)
    store.enrol("ada", [template(1)], replace=False)
    wait_until(lambda: sharer.state.sent == 1, "ada at the broker")
    with Watcher(broker.port, "auther/site/#") as forger:
        wait_until(lambda: bool(forger.messages), "the message")
        true = forger.messages[0]
        for number in range(3):
            forger.client.publish(true.topic, b"forged %d" % number, qos=1, retain=True)
        wait_until(lambda: sharer.state.refused == 3, "refusals")
        wait_until(lambda: len(forger.on(true.topic)[-1].payload) > 100, "the mended message")
    assert alarms == ["sharing_refused"]
    assert len(store.people()) == 1


def test_an_account_that_may_not_share_keeps_its_changes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """mosquitto also ends the connection at a refusal."""
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite auther/door1/#\n")
    with running(tmp_path, f"acl_file {acl}") as broker:
        store = open_store(tmp_path)
        sharer = Sharer(
            store=store,
            site=SITE,
            sharing=Sharing(),
            mqtt=Mqtt(host="127.0.0.1", port=broker.port),
            device_id="door1",
            alarm=lambda _kind, _detail: None,
            backoff=Backoff(shortest=0.02, longest=0.1),
        )
        store.enrol("ada", [template(1)], replace=False)
        sharer.start()
        wait_until(lambda: "changes wait on disk" in caplog.text, "the warning")
        sharer.close()
        assert (sharer.state.sent, sharer.state.counts.due) == (0, 1)
        store.close()


def test_without_a_broker_all_waits_and_it_ends_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sharer = Sharer(
        store=store,
        site=SITE,
        sharing=Sharing(),
        mqtt=Mqtt(host="127.0.0.1", port=free_port()),
        device_id="door1",
        alarm=lambda _kind, _detail: None,
        backoff=Backoff(shortest=0.01, longest=0.05),
    )
    sharer.start()
    store.enrol("ada", [template(1)], replace=False)
    wait_until(lambda: store.listing("testnet/1")[2] == SITE.transform_secret, "the site's transform")
    sharer.close()
    assert not sharer.state.connected
    store.close()


def test_a_configuration_that_can_not_work_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"set mqtt\.enabled = true too"):
        Settings.model_validate({"sharing": {"enabled": True}})
    store = open_store(tmp_path)
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=100, max_age_seconds=1e6)
    given = {"storage": {"folder": tmp_path}, "mqtt": {"enabled": True}, "sharing": {"enabled": True}}
    with (
        pytest.raises(SiteKeyError, match="create-key"),
        sharing(Settings.model_validate(given), store=store, outbox=outbox, notify=lambda: None),
    ):
        pass
    with pytest.raises(ConfigError, match=r"mqtt\.ca_file"):
        Sharer(
            store=store,
            site=SITE,
            sharing=Sharing(),
            mqtt=Mqtt(ca_file=tmp_path / "absent.pem"),
            device_id="door1",
            alarm=lambda _kind, _detail: None,
        )
    with sharing(Settings(), store=store, outbox=outbox, notify=lambda: None) as sharer:
        assert sharer is None
    store.close()
    outbox.close()
