"""Wiegand messages as bits: what panels call a card format. Pure.

A format is a field of facility code and one of card number, with parity bits over parts of the message, all most
significant bit first. Sources: HID, "Understanding Card Data Formats" (H10301, 26 bits: even parity over the first 12
data bits, odd over the last 12; H10306, 34 bits: 16 and 16; H10304, 37 bits: 18 and 18, which share the middle bit).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

Bits = tuple[int, ...]


class WiegandError(ValueError):
    """A message has the wrong length or parity, or a number does not fit."""


@dataclass(frozen=True)
class Field:
    """`length` bits from bit `start` (0 is the first that is sent)."""

    start: int
    length: int


@dataclass(frozen=True)
class Parity:
    """The bit `at` makes the number of ones in it and bits `start` up to, but without, `end` odd or even."""

    at: int
    start: int
    end: int
    odd: bool


@dataclass(frozen=True)
class WiegandFormat:
    """How a card's numbers lie in `length` bits. Raises WiegandError if it can't be."""

    name: str
    length: int
    facility: Field
    number: Field
    parity: tuple[Parity, ...] = ()

    def __post_init__(self) -> None:
        fields = [range(f.start, f.start + f.length) for f in (self.facility, self.number)]
        places = [place for field in fields for place in field] + [parity.at for parity in self.parity]
        if len(set(places)) != len(places) or any(not 0 <= place < self.length for place in places):
            raise WiegandError(f"format {self.name}: fields and parity bits overlap or lie outside {self.length} bits")
        if any(not 0 <= parity.start < parity.end <= self.length for parity in self.parity):
            raise WiegandError(f"format {self.name}: a parity's range lies outside {self.length} bits")

    def encode(self, facility: int, number: int) -> Bits:
        """The message of a card. Raises WiegandError if a number does not fit."""
        bits = [0] * self.length
        for field, value, what in ((self.facility, facility, "facility"), (self.number, number, "number")):
            if not 0 <= value < 1 << field.length:
                raise WiegandError(f"format {self.name}: {what} {value} does not fit into {field.length} bits")
            for offset in range(field.length):
                bits[field.start + offset] = value >> (field.length - 1 - offset) & 1
        for parity in self.parity:
            bits[parity.at] = _parity_bit(bits, parity)
        return tuple(bits)

    def decode(self, bits: Sequence[int]) -> tuple[int, int]:
        """Facility and number. Raises WiegandError for another length or wrong parity."""
        if len(bits) != self.length:
            raise WiegandError(f"format {self.name}: {len(bits)} bits came, expected {self.length}")
        for parity in self.parity:
            if bits[parity.at] != _parity_bit(bits, parity):
                raise WiegandError(f"format {self.name}: parity bit {parity.at} is wrong")
        return _value(bits, self.facility), _value(bits, self.number)


def _parity_bit(bits: Sequence[int], parity: Parity) -> int:
    ones = sum(bit for place, bit in enumerate(bits[parity.start : parity.end], parity.start) if place != parity.at)
    return (ones + parity.odd) % 2


def _value(bits: Sequence[int], field: Field) -> int:
    value = 0
    for bit in bits[field.start : field.start + field.length]:
        value = value << 1 | bit
    return value


def pack(bits: Sequence[int]) -> bytes:
    """The bits in bytes, the first one highest, zeros at the end: as OSDP sends them."""
    padded = [*bits, *[0] * (-len(bits) % 8)]
    return bytes(sum(bit << 7 - place for place, bit in enumerate(padded[i : i + 8])) for i in range(0, len(padded), 8))


H10301 = WiegandFormat("26", 26, Field(1, 8), Field(9, 16), (Parity(0, 0, 13, odd=False), Parity(25, 13, 26, odd=True)))
H10306 = WiegandFormat(
    "34", 34, Field(1, 16), Field(17, 16), (Parity(0, 0, 17, odd=False), Parity(33, 17, 34, odd=True))
)
H10304 = WiegandFormat(
    "37", 37, Field(1, 16), Field(17, 19), (Parity(0, 0, 19, odd=False), Parity(36, 18, 37, odd=True))
)
FORMATS: Mapping[str, WiegandFormat] = MappingProxyType({known.name: known for known in (H10301, H10306, H10304)})
