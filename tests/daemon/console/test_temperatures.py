"""The temperature of the last day."""

from daemon.console.temperatures import TemperatureLog


def test_readings_of_a_time_in_their_order() -> None:
    times, degrees = iter(range(1000)), iter([40.0, None, 42.0, 43.0])
    log = TemperatureLog(sensor=lambda: next(degrees), clock=lambda: float(next(times)))
    for _ in range(4):
        log.take()
    assert [(one.at, one.celsius) for one in log.between(0, 2)] == [(0.0, 40.0), (1.0, 42.0)]


def test_no_more_than_a_day_is_kept() -> None:
    times = iter(range(1000))
    log = TemperatureLog(sensor=lambda: 40.0, clock=lambda: float(next(times)))
    for _ in range(500):
        log.take()
    assert len(log.between(0, 1000)) == 288
