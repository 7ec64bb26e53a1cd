from daemon.sharing.repairs import Mend, Repairs

ADA, BOB = b"a" * 16, b"b" * 16


def repairs() -> Repairs:
    return Repairs(spread=10, repeat=60, uniform=lambda low, high: (low + high) / 2)


def test_a_repair_waits_and_is_done_once() -> None:
    queue = repairs()
    queue.put(ADA, Mend.OFFER, 100.0)
    queue.put(ADA, Mend.DISCARD, 101.0)
    assert queue.take(104.9, 10) == []
    assert queue.take(105.0, 10) == [(ADA, Mend.OFFER)]
    assert queue.take(200.0, 10) == []
    assert queue.pending == 0


def test_who_comes_first_spares_the_others_the_work() -> None:
    queue = repairs()
    queue.put(ADA, Mend.OFFER, 100.0)
    queue.cancel(ADA)
    queue.cancel(BOB)
    assert queue.take(200.0, 10) == []


def test_a_person_is_mended_once_a_minute_however_often_somebody_spoils_it() -> None:
    queue = repairs()
    taken = 0
    for second in range(600):
        queue.put(ADA, Mend.OFFER, float(second))
        taken += len(queue.take(float(second), 10))
    assert taken == 10


def test_many_are_taken_a_few_at_a_time() -> None:
    queue = repairs()
    for number in range(5):
        queue.put(bytes([number]), Mend.OFFER, 0.0)
    assert len(queue.take(60.0, 3)) == 3
    assert queue.pending == 2
