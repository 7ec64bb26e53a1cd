from daemon.changes import Changes


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_state_that_stays_is_told_once() -> None:
    clock = Clock()
    changes = Changes(monotonic=clock)
    assert changes.news("refused")
    clock.now += 1000
    assert not changes.news("refused")


def test_a_flapping_state_is_told_once_a_minute_and_the_last_one_in_the_end() -> None:
    clock = Clock()
    changes = Changes(quiet_seconds=60, monotonic=clock)
    told = []
    for second in range(120):
        clock.now = second
        state = "up" if second % 2 else "down"
        if changes.news(state):
            told.append((second, state))
    assert told == [(0, "down"), (1, "up"), (60, "down"), (61, "up")]
    clock.now = 122
    assert changes.news("down")


def test_different_problems_are_all_told() -> None:
    changes = Changes(monotonic=Clock())
    assert [changes.news(state) for state in ("a", "b", "c", "a")] == [True, True, True, False]
