"""What is common to all that keeps a connection to the broker; each user's own tests have the rest."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.backoff import Backoff
from daemon.config.settings import Mqtt
from daemon.mqtt.keeper import LinkKeeper
from daemon.mqtt.link import Link
from tests.daemon.mosquitto import running, wait_until
from tests.ports import free_port

log = logging.getLogger(__name__)


def keeper(port: int, did: list[str], serve: Callable[[Link], None]) -> LinkKeeper:
    return LinkKeeper(
        name="test",
        log=log,
        settings=Mqtt(host="127.0.0.1", port=port),
        device_id="door1",
        prepare=lambda: did.append("prepare"),
        serve=serve,
        left=lambda: did.append("left"),
        waiting="all waits",
        backoff=Backoff(shortest=0.01, longest=0.01),
    )


def test_each_attempt_is_prepared_and_left_and_only_a_link_is_served(caplog: pytest.LogCaptureFixture) -> None:
    did: list[str] = []
    kept = keeper(free_port(), did, lambda _: did.append("serve"))
    kept.start()
    wait_until(lambda: did.count("left") >= 3, "three attempts")
    kept.close()
    assert did[:4] == ["prepare", "left", "prepare", "left"]
    assert "serve" not in did
    assert caplog.text.count("test: ") == caplog.text.count("; all waits") == 1


def test_who_fails_gets_another_link_and_a_traceback_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    did: list[str] = []

    def serve(_: Link) -> None:
        did.append("serve")
        raise RuntimeError("a mistake")

    with running(tmp_path) as broker:
        kept = keeper(broker.port, did, serve)
        kept.start()
        wait_until(lambda: did.count("left") >= 2, "two attempts")
        kept.close()
    assert did[:6] == ["prepare", "serve", "left"] * 2
    assert caplog.text.count("RuntimeError: a mistake") == 1


def test_a_wake_ends_the_wait_of_a_link(tmp_path: Path) -> None:
    did: list[str] = []

    def serve(link: Link) -> None:
        did.append("serve")
        link.wait(60.0)
        did.append("woken")

    with running(tmp_path) as broker:
        kept = keeper(broker.port, did, serve)
        kept.start()
        wait_until(lambda: "serve" in did, "the link")
        kept.wake()
        wait_until(lambda: "woken" in did, "the wake")
        kept.close()
        assert kept.stopping
