"""The card reader at two inputs: cards, half ones, and wires that never rest."""

import queue
import threading
from collections.abc import Iterable, Iterator

import pytest

from daemon.door.cards import EDGES, CardReader
from daemon.rules.credentials import Card
from hw.lines import Edge
from hw.wiegand import FORMATS
from tests.helpers.threads import LONG, running

CARD = Card(118, 1603)
BITS = FORMATS["26"].encode(118, 1603)

Heard = tuple[int, Edge]


def test_pulses_of_both_lines_are_a_card_in_whatever_order_they_are_heard() -> None:
    cards: queue.SimpleQueue[Card] = queue.SimpleQueue()
    reader = CardReader(card_format=FORMATS["26"], on_card=cards.put)
    with running(reader.run):
        for wanted in (0, 1):
            for place, bit in enumerate(BITS):
                if bit == wanted:
                    reader.take(bit, True, place * 1e-3)
                    reader.take(bit, False, place * 1e-3 + 50e-6)
        reader.take(0, None, 1.0)
        assert cards.get(timeout=LONG) == CARD
    assert cards.empty()


def test_half_a_card_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = CardReader(card_format=FORMATS["26"], on_card=lambda _: pytest.fail("no card"))
    heard = threading.Event()
    monkeypatch.setattr("daemon.door.cards.log.warning", lambda *_: heard.set())
    with running(reader.run):
        reader.take(1, True, 0.0)
        assert heard.wait(LONG)


class Wires:
    """What the watchers heard, handed out as fast as it is asked for; after that the lines rest, and `stop` is set."""

    def __init__(self, heard: Iterable[Heard], stop: threading.Event) -> None:
        self.heard, self._stop = iter(heard), stop

    def get(self, *, timeout: float) -> Heard:
        for heard in self.heard:
            return heard
        self._stop.set()
        raise queue.Empty


def noise(*, start: float) -> Iterator[Heard]:
    """Pulses on D0, a millisecond apart, for ever."""
    place = 0
    while True:
        yield 0, Edge(True, start + place * 1e-3)
        yield 0, Edge(False, start + place * 1e-3 + 50e-6)
        place += 1


def card(*, start: float) -> list[Heard]:
    return [(bit, Edge(True, start + place * 1e-3)) for place, bit in enumerate(BITS)]


def serve(reader: CardReader, heard: Iterable[Heard], stop: threading.Event, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reader, "_edges", Wires(heard, stop))
    reader.run(stop)


def test_noise_is_told_once_and_a_card_after_it_is_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cards: list[Card] = []
    reader = CardReader(card_format=FORMATS["26"], on_card=cards.append, clock=lambda: 100.0)
    noisy = noise(start=0.0)
    serve(reader, [next(noisy) for _ in range(10 * EDGES)] + card(start=50.0), threading.Event(), monkeypatch)
    assert cards == [CARD]
    assert caplog.text.count("reader.data0 and reader.data1 never rest") == 1


def test_noise_does_not_keep_the_reader_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    def until_nobody_listens(stop: threading.Event) -> Iterator[Heard]:
        for count, heard in enumerate(noise(start=0.0)):
            if count == 3 * EDGES:
                stop.set()
            assert count < 5 * EDGES, "still listening"
            yield heard

    stop = threading.Event()
    serve(CardReader(card_format=FORMATS["26"], on_card=print), until_nobody_listens(stop), stop, monkeypatch)


def test_noise_with_pauses_does_not_fill_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Each pulse by itself is a message of one bit, which no format has.
    pulses = [(0, Edge(True, place * 0.04)) for place in range(1000)]
    now = [0.0]
    reader = CardReader(card_format=FORMATS["26"], on_card=print, clock=lambda: now[0])
    serve(reader, pulses, threading.Event(), monkeypatch)
    told = caplog.text.count("1 bits came")
    assert 1 <= told < 20
    now[0] = 1000.0
    serve(reader, [(0, Edge(True, 900.0))], threading.Event(), monkeypatch)
    assert caplog.text.count("1 bits came") > told
