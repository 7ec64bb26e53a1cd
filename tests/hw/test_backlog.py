from hw.backlog import Backlog


def held(backlog: Backlog, times: list[float]) -> list[bool]:
    return [backlog.holds(time) for time in times]


def steady(start: float, *, count: int, interval: float) -> list[float]:
    return [start + interval * number for number in range(count)]


def test_a_steady_source_is_never_old() -> None:
    backlog = Backlog(fps=25, opened=0.0)
    assert not any(held(backlog, steady(0.3, count=100, interval=0.04)))


def test_frames_in_pairs_are_not_a_backlog() -> None:
    backlog = Backlog(fps=25, opened=0.0)
    times = [time + late for time in steady(0.3, count=50, interval=0.08) for late in (0.0, 0.001)]
    assert not any(held(backlog, times))


def test_what_piled_up_in_a_stall_is_old_until_frames_are_waited_for() -> None:
    backlog = Backlog(fps=25, opened=0.0)
    held(backlog, steady(0.1, count=10, interval=0.04))

    assert all(held(backlog, steady(4.0, count=75, interval=0.005)))
    assert held(backlog, steady(4.41, count=10, interval=0.04)) == [True] * 8 + [False] * 2


def test_a_busy_reader_does_not_take_what_piled_up_for_new() -> None:
    backlog = Backlog(fps=25, opened=0.0)
    held(backlog, steady(0.1, count=10, interval=0.04))

    # It needs 25 ms a frame, and is kept from its work for 60 ms by turns.
    times = [4.0 + 0.025 * number + 0.035 * (number // 8) for number in range(60)]
    assert all(held(backlog, times))


def test_what_piled_up_while_opening_is_old() -> None:
    backlog = Backlog(fps=25, opened=0.0)
    assert all(held(backlog, steady(3.0, count=20, interval=0.002)))
    assert backlog.holds(3.08)
    assert not backlog.holds(3.4)


def test_a_source_faster_than_stated_is_held_for_two_seconds_at_most() -> None:
    backlog = Backlog(fps=25, opened=0.0)
    old = held(backlog, steady(2.0, count=400, interval=0.01))
    assert all(old[:200])
    assert not any(old[202:])


def test_a_very_slow_source_still_delivers() -> None:
    backlog = Backlog(fps=25, opened=0.0)
    assert held(backlog, steady(3.0, count=10, interval=2.0)).count(False) == 5
