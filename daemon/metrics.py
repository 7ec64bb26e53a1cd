"""The terminal in numbers, as Prometheus reads them."""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

STAGE_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
CALL_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """Counts what happens and asks the rest when it is read. Any thread may call any method."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._latest: Mapping[str, float] = {}
        self._decisions = Counter("auther_decisions", "Decisions.", ("decision", "reason"), registry=registry)
        self._alarms = Counter("auther_alarms", "Alarms of the door.", ("alarm",), registry=registry)
        self._stages = Histogram(
            "auther_stage_seconds", "Time of one stage.", ("stage",), buckets=STAGE_BUCKETS, registry=registry
        )
        self._relay = Histogram("auther_capture_to_relay_seconds", "From a frame to the strike.", registry=registry)
        self._calls = Histogram(
            "auther_api_seconds", "Time of one call.", ("call", "status"), buckets=CALL_BUCKETS, registry=registry
        )

    @property
    def latest_stages(self) -> Mapping[str, float]:
        """The last time of each stage, seconds."""
        return self._latest

    def happening(self, happening: Mapping[str, object]) -> None:
        """Something happened at the terminal."""
        if happening.get("kind") == "access":
            self._decisions.labels(str(happening["decision"]), str(happening["reason"])).inc()
            if isinstance(relay_ms := happening.get("relay_ms"), (int, float)):
                self._relay.observe(relay_ms / 1000)
        elif happening.get("kind") == "alarm":
            self._alarms.labels(str(happening["alarm"])).inc()

    def stage(self, name: str, seconds: float) -> None:
        """A stage of the networks has run."""
        self._stages.labels(name).observe(seconds)
        self._latest = {**self._latest, name: seconds}

    def call(self, operation: str, status: int, seconds: float) -> None:
        """A call was answered; `operation` is its id, never a path."""
        self._calls.labels(operation, str(status)).observe(seconds)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A number to be asked for when the metrics are read; each name once."""
        Gauge(name, meaning, registry=self._registry).set_function(read)

    def states(self, name: str, meaning: str, states: type[Enum], read: Callable[[], Enum]) -> None:
        """A state as Prometheus wants it: one gauge for each of `states`, by its value, 1 for the one that is."""
        gauge = Gauge(name, meaning, ("state",), registry=self._registry)
        for state in states:
            gauge.labels(state.value).set_function(partial(_is, read, state))

    def text(self) -> str:
        """Prometheus' text format, version 0.0.4."""
        return generate_latest(self._registry).decode()


def _is(read: Callable[[], Enum], state: Enum) -> float:
    return float(read() is state)
