from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.events.outbox import Outbox, StoredEvent
from daemon.mqtt.drain import ACK_SECONDS, HOLD_SECONDS, Drain
from daemon.mqtt.link import Ack, LinkError


class Broker:
    """Writes down what is sent; the tests answer for it."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.now = 0.0

    def send(self, event: StoredEvent) -> int:
        self.sent.append(event.seq)
        return 1000 + len(self.sent)

    def mid(self, position: int) -> int:
        """The message number of what was sent at `position`."""
        return 1001 + position


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=100, max_age_seconds=1e6)
    for _ in range(5):
        outbox.append("access", {})
    yield outbox
    outbox.close()


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def drain(outbox: Outbox, broker: Broker) -> Drain:
    return Drain(outbox=outbox, send=broker.send, monotonic=lambda: broker.now)


def test_never_more_than_there_is_room_for_is_sent(drain: Drain, broker: Broker, outbox: Outbox) -> None:
    drain.fill(2)
    drain.fill(0)
    assert broker.sent == [1, 2]
    drain.settle([Ack(broker.mid(0), None)])
    drain.fill(1)
    assert broker.sent == [1, 2, 3]
    assert outbox.unconfirmed == 4


def test_acknowledgements_of_other_messages_confirm_nothing(drain: Drain, outbox: Outbox) -> None:
    drain.fill(2)
    drain.settle([Ack(7, None)])
    assert outbox.unconfirmed == 5


def test_a_refused_event_is_offered_again_later_with_all_that_follow(
    drain: Drain, broker: Broker, outbox: Outbox
) -> None:
    drain.fill(2)
    drain.settle([Ack(broker.mid(0), "Not authorized")])
    broker.now += HOLD_SECONDS
    drain.fill(2)
    assert broker.sent == [1, 2]  # the second is still on the way
    drain.settle([Ack(broker.mid(1), None)])
    drain.fill(2)
    assert broker.sent == [1, 2, 1, 3]
    assert outbox.unconfirmed == 4


def test_while_it_holds_nothing_is_sent(drain: Drain, broker: Broker) -> None:
    drain.fill(2)
    drain.settle([Ack(broker.mid(0), "Quota exceeded"), Ack(broker.mid(1), "Quota exceeded")])
    broker.now += HOLD_SECONDS - 1
    drain.fill(2)
    assert broker.sent == [1, 2]
    broker.now += 1
    drain.fill(2)
    assert broker.sent == [1, 2, 1, 2]


def test_a_broker_that_stops_confirming_is_given_up(drain: Drain, broker: Broker) -> None:
    drain.fill(2)
    broker.now += ACK_SECONDS
    drain.fill(2)
    broker.now += 1
    with pytest.raises(LinkError, match="not confirmed an event for 30 s"):
        drain.fill(2)


def test_waiting_for_events_is_no_silence_of_the_broker(drain: Drain, broker: Broker, outbox: Outbox) -> None:
    outbox.confirm(range(1, 6))
    broker.now += 10 * ACK_SECONDS
    drain.fill(2)
    outbox.append("access", {})
    drain.fill(2)
    drain.fill(2)
    assert broker.sent == [6]
