from daemon.sharing.messages import SHARDS
from daemon.sharing.reader import MARKER_SECONDS, SILENCE_SECONDS, WIDEST, RetainedReader


def hashes(shards: range, each: int) -> list[bytes]:
    return [bytes([shard]) + number.to_bytes(15, "big") for shard in shards for number in range(each)]


def read_all(reader: RetainedReader, each: int) -> list[range]:
    reader.start()
    parts = []
    while (request := reader.request(0.0)) is not None:
        assert reader.request(0.0) is None
        for each_hash in hashes(request.shards, each):
            reader.saw(each_hash, 0.0)
        assert reader.read(0.0) is None
        reader.marked(request.marker)
        part = reader.read(0.0)
        assert part is not None
        assert part.sure
        assert part.seen == set(hashes(request.shards, each))
        parts.append(part.shards)
    return parts


def test_a_small_site_is_read_in_a_few_steps() -> None:
    reader = RetainedReader()
    parts = read_all(reader, 1)
    assert [shard for part in parts for shard in part] == list(range(SHARDS))
    assert len(parts) == 10
    assert max(map(len, parts)) == WIDEST
    assert (reader.passes, reader.sure, reader.reading) == (1, True, False)


def test_a_large_site_never_asks_for_more_than_a_broker_keeps() -> None:
    for each in (40, 400):
        assert all(len(part) * each <= 800 for part in read_all(RetainedReader(), each))


def test_a_marker_that_does_not_return_costs_certainty_and_patience() -> None:
    reader = RetainedReader()
    reader.start()
    reader.request(0.0)
    assert reader.read(MARKER_SECONDS) is None
    part = reader.read(MARKER_SECONDS + 0.1)
    assert part is not None
    assert not part.sure
    request = reader.request(20.0)
    assert request is not None
    reader.saw(hashes(request.shards, 1)[0], 20.9)
    assert reader.read(20.9 + SILENCE_SECONDS) is None
    assert reader.read(20.95 + SILENCE_SECONDS) is not None
    assert not reader.sure


def test_an_old_marker_means_nothing() -> None:
    reader = RetainedReader()
    reader.start()
    reader.request(0.0)
    reader.marked(b"of yesterday")
    assert reader.read(1.0) is None


def test_a_pass_can_be_repeated_and_is_not_interrupted() -> None:
    reader = RetainedReader()
    read_all(reader, 1)
    read_all(reader, 1)
    assert reader.passes == 2
    reader.start()
    request = reader.request(0.0)
    reader.start()
    assert request is not None
    reader.marked(request.marker)
    assert reader.read(0.0) is not None
