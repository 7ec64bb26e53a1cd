from daemon.backoff import Backoff


def test_waits_double_up_to_the_longest_and_start_again_after_success() -> None:
    backoff = Backoff(shortest=1, longest=8, uniform=lambda _low, high: high)
    assert [backoff.next() for _ in range(5)] == [1, 2, 4, 8, 8]
    backoff.reset()
    assert backoff.next() == 1


def test_a_wait_is_drawn_between_half_and_the_whole() -> None:
    asked = []
    backoff = Backoff(shortest=4, uniform=lambda low, high: asked.append((low, high)) or low)  # type: ignore[func-returns-value]
    assert backoff.next() == 2
    assert asked == [(2, 4)]
