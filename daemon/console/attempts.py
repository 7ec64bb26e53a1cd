"""How often somebody may try a password: each failure beyond a few makes the next try wait longer."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# NIST SP 800-63B-4, 3.2.2, allows 100 failures in a row; here an hour holds about 70 tries of one address.
FORGET_SECONDS = 3600.0
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Patience:
    """`free` failures cost nothing; then the wait is 1 s, twice as long with each further one, at most `longest`."""

    free: int
    longest: float

    def wait(self, failures: int) -> float:
        """Seconds until the next try after so many failures."""
        return 0.0 if failures < self.free else min(self.longest, 2.0 ** min(failures - self.free, 30))


# A user's wait stays short, or anybody could lock the manager out by guessing at the name.
OF_ADDRESS, OF_USER = Patience(free=5, longest=60.0), Patience(free=10, longest=15.0)


@dataclass
class _Record:
    failures: int
    last: float
    told: bool = False


@dataclass(frozen=True)
class Wait:
    """How long no try is admitted; `news` when nobody was told so since the last failure."""

    seconds: float
    news: bool


class Attempts:
    """Counts failures by user and by address. Users that there are not count like others, so that none is found out."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def begin(self, user: str, address: str) -> Wait | None:
        """None when a try is admitted now. It counts as failed until `succeeded`: many at once are no way out."""
        now = self._clock()
        with self._lock:
            wait = self._wait(user, address, now)
            if wait is None:
                self._count(user, address, now)
            return wait

    def succeeded(self, user: str, address: str) -> None:
        """Who knows the password may mistype it as often as at first; the address keeps what it failed with others."""
        (of_user, _), (of_address, _) = _keys(user, address)
        with self._lock:
            self._records.pop(of_user, None)
            record = self._records.get(of_address)
            if record is not None:
                record.failures = max(0, record.failures - 1)

    def _wait(self, user: str, address: str, now: float) -> Wait | None:
        waits = []
        for key, patience in _keys(user, address):
            record = self._records.get(key)
            if record is not None and now - record.last < FORGET_SECONDS:
                waits.append((record.last + patience.wait(record.failures) - now, record))
        longest, slowest = max(waits, key=lambda one: one[0], default=(0.0, None))
        if slowest is None or longest <= 0:
            return None
        news, slowest.told = not slowest.told, True
        return Wait(longest, news)

    def _count(self, user: str, address: str, now: float) -> None:
        for key, _ in _keys(user, address):
            record = self._records.pop(key, None)
            failures = record.failures if record is not None and now - record.last < FORGET_SECONDS else 0
            self._records[key] = _Record(failures + 1, now)
        while len(self._records) > _REMEMBERED:
            self._records.popitem(last=False)


def _keys(user: str, address: str) -> tuple[tuple[str, Patience], tuple[str, Patience]]:
    return ((f"user {user.lower()[:64]}", OF_USER), (f"address {_network(address)}", OF_ADDRESS))


def _network(address: str) -> str:
    """An IPv6 client has a whole /64 to itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
