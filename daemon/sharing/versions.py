"""Which of two changes of a person is the later one: the same answer on every terminal, whatever the order of arrival.

A version is a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014) with the terminal's id behind it.
Each person is a last-writer-wins register: versions are totally ordered and merging takes the greatest, so it is
commutative, associative and idempotent. A change that knows of another is later than it, even under a clock that lags.
"""

import struct
from dataclasses import dataclass
from enum import Enum

_HEAD = struct.Struct(">QI8sB")
MAX_COUNTER = 2**32 - 1


@dataclass(frozen=True, order=True)
class Version:
    """`ms` is Unix time in milliseconds, `counter` orders changes within one, `device` is who made the change.

    `digest` (8 bytes) is of the content: two terminals that wrongly bear one id still agree on the winner.
    """

    ms: int
    counter: int
    device: str
    digest: bytes

    def pack(self) -> bytes:
        """The version as bytes; the time comes first."""
        device = self.device.encode("ascii")
        return _HEAD.pack(self.ms, self.counter, self.digest, len(device)) + device

    @staticmethod
    def unpack(data: bytes) -> "Version":
        """Raises ValueError for what `pack` did not make."""
        try:
            ms, counter, digest, size = _HEAD.unpack_from(data)
        except struct.error as error:
            raise ValueError(str(error)) from None
        device = data[_HEAD.size :].decode("ascii")
        if len(device) != size:
            raise ValueError(f"device: expected {size} characters, not {len(device)}")
        return Version(ms, counter, device, digest)


class Verdict(Enum):
    """What an incoming version is, beside the one that is held."""

    NEWER = "newer"
    SAME = "same"
    OLDER = "older"
    AHEAD = "ahead"


def next_version(previous: Version | None, *, ms: int, device: str, digest: bytes) -> Version:
    """The version of a change made here at Unix time `ms`, knowing `previous`: always greater than that."""
    if previous is None or ms > previous.ms:
        return Version(max(ms, 0), 0, device, digest)
    if previous.counter >= MAX_COUNTER:
        return Version(previous.ms + 1, 0, device, digest)
    return Version(previous.ms, previous.counter + 1, device, digest)


def judge(held: Version | None, incoming: Version, *, now_ms: int, max_skew_ms: int) -> Verdict:
    """Whether `incoming` replaces what is held; AHEAD when it claims a time that this clock says is yet to come."""
    if incoming == held:
        return Verdict.SAME
    if incoming.ms > now_ms + max_skew_ms:
        return Verdict.AHEAD
    return Verdict.NEWER if held is None or incoming > held else Verdict.OLDER
