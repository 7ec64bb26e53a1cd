"""TLS, accounts and access lists on a real mosquitto."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.backoff import Backoff
from daemon.config.settings import Mqtt
from daemon.errors import ConfigError
from daemon.events.outbox import Outbox
from daemon.mqtt.client import build_client
from daemon.mqtt.publisher import MqttPublisher
from tests.daemon.certificates import DAY, Authority
from tests.daemon.mosquitto import Mosquitto, Watcher, require_mosquitto_passwd, running, wait_until

# paho leaves the socket of a refused TLS handshake to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

PASSWORD = "correct horse"
ACL = """
user door1
topic readwrite auther/door1/#
topic deny auther/door1/alarm
user building
topic readwrite #
"""


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=100, max_age_seconds=1e6)
    yield outbox
    outbox.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


class Site:
    """A broker that demands TLS and an account, and terminals that try their luck."""

    def __init__(self, folder: Path, outbox: Outbox, authority: Authority) -> None:
        self._folder, self._outbox, self._authority = folder, outbox, authority
        self._stack = ExitStack()
        (folder / "password").write_text(PASSWORD)

    def broker(self, *lines: str, server: tuple[Path, Path] | None = None) -> Mosquitto:
        accounts = self._folder / "accounts"
        accounts.touch(mode=0o600)
        for user in ("door1", "building"):
            subprocess.run(
                [require_mosquitto_passwd(), "-b", accounts, user, PASSWORD], check=True, capture_output=True
            )
        access = self._folder / "acl"
        access.write_text(ACL)
        certificate, key = server or self._authority.issue("server")
        settings = [f"certfile {certificate}", f"keyfile {key}", f"password_file {accounts}", f"acl_file {access}"]
        return self._stack.enter_context(running(self._folder, *settings, *lines, anonymous=False))

    def settings(self, broker: Mosquitto, **change: object) -> Mqtt:
        fields: dict[str, object] = {
            "host": "127.0.0.1",
            "port": broker.port,
            "username": "door1",
            "password_file": self._folder / "password",
            "ca_file": self._authority.file,
        }
        return Mqtt.model_validate({**fields, **change})

    def terminal(self, broker: Mosquitto, **change: object) -> MqttPublisher:
        publisher = MqttPublisher(
            outbox=self._outbox,
            settings=self.settings(broker, **change),
            device_id="door1",
            backoff=Backoff(shortest=0.05, longest=0.1),
        )
        self._stack.callback(publisher.close)
        publisher.start()
        return publisher

    def watch(self, broker: Mosquitto) -> Watcher:
        return self._stack.enter_context(
            Watcher(broker.port, ca=str(self._authority.file), username="building", password=PASSWORD)
        )

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def site(tmp_path: Path, outbox: Outbox, authority: Authority) -> Iterator[Site]:
    site = Site(tmp_path, outbox, authority)
    yield site
    site.close()


def logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    wait_until(lambda: text in caplog.text, f"{text!r} in the log")
    assert PASSWORD not in caplog.text


def test_with_tls_an_account_and_an_access_list_events_arrive(site: Site, outbox: Outbox) -> None:
    broker = site.broker()
    watcher = site.watch(broker)
    outbox.append("access", {"n": 1})
    site.terminal(broker)
    wait_until(lambda: len(watcher.on("auther/door1/access")) == 1, "the event")


def test_a_client_certificate_is_shown_to_a_broker_that_asks(
    site: Site, outbox: Outbox, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    broker = site.broker(f"cafile {authority.file}", "require_certificate true")
    certificate, key = authority.issue("door1")
    outbox.append("access", {})
    refused = site.terminal(broker)
    logged(caplog, "events wait on disk")
    refused.close()
    assert outbox.unconfirmed == 1
    site.terminal(broker, client_cert_file=certificate, client_key_file=key)
    wait_until(lambda: outbox.unconfirmed == 0, "delivery")


def test_a_wrong_password_is_told_once_and_a_new_one_taken_up_without_a_restart(
    site: Site, outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = site.broker()
    (tmp_path / "password").write_text("wrong secret")
    outbox.append("access", {})
    site.terminal(broker)
    logged(caplog, "Not authorized; check mqtt.username")
    wait_until(lambda: broker.log.count("Not authorized") + broker.log.count("not authorised") > 3, "more attempts")
    assert caplog.text.count("check mqtt.username") == 1
    assert "wrong secret" not in caplog.text
    (tmp_path / "password").write_text(PASSWORD)
    wait_until(lambda: outbox.unconfirmed == 0, "delivery")


def test_a_broker_of_another_authority_is_not_trusted(
    site: Site, outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = site.broker(server=Authority(tmp_path, "stranger").issue("server"))
    outbox.append("access", {})
    site.terminal(broker)
    logged(caplog, "its certificate is not trusted")
    assert outbox.unconfirmed == 1


def test_an_expired_certificate_is_not_trusted(
    site: Site, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    broker = site.broker(server=authority.issue("server", begins=-2 * DAY, ends=timedelta(hours=-1)))
    site.terminal(broker)
    logged(caplog, "certificate has expired; check mqtt.ca_file")


def test_a_certificate_for_another_host_is_not_trusted(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    broker = site.broker()
    site.terminal(broker, host="localhost")
    logged(caplog, "Hostname mismatch")


def test_plaintext_to_a_tls_port_is_no_connection(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    broker = site.broker()
    site.terminal(broker, ca_file=None)
    logged(caplog, "events wait on disk")


def test_what_the_access_list_forbids_stays_on_disk(
    site: Site, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    broker = site.broker()
    outbox.append("alarm", {})
    site.terminal(broker)
    logged(caplog, "the broker refuses messages: Not authorized; check its ACL")
    assert outbox.unconfirmed == 1


def test_a_terminal_that_the_broker_throws_out_at_once_does_not_flood_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    broker = site.broker()
    site.terminal(broker, base_topic="forbidden")
    logged(caplog, "events wait on disk")
    attempts = len(broker.log)
    wait_until(lambda: len(broker.log) > 5 * attempts, "more attempts")
    assert caplog.text.count("events wait on disk") == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"ca_file": "absent.pem"}, r"mqtt\.ca_file: absent\.pem"),
        ({"password_file": "absent"}, r"mqtt\.password_file: absent"),
        ({"client_cert_file": "absent.crt"}, r"mqtt\.client_cert_file.*absent\.crt"),
    ],
)
def test_files_that_are_not_there_are_named_at_the_start(
    tmp_path: Path, authority: Authority, change: dict[str, object], named: str
) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    fields = {"username": "door1", "password_file": tmp_path / "password", "ca_file": authority.file, **change}
    with pytest.raises(ConfigError, match=named):
        build_client(Mqtt.model_validate(fields), "door1")
