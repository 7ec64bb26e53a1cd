import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.wiegand import FORMATS, Field, Parity, WiegandError, WiegandFormat, pack

# Facility, number and message. 118/1603 is the card of the Proxmark3 project's documentation (raw 2006ec0c86: these are
# its last 26 bits); the others follow by hand from HID's definitions.
VECTORS = [
    ("26", 0, 0, "0 00000000 0000000000000000 1"),
    ("26", 255, 65535, "0 11111111 1111111111111111 1"),
    ("26", 1, 1, "1 00000001 0000000000000001 0"),
    ("26", 118, 1603, "1 01110110 0000011001000011 0"),
    ("34", 0, 0, "0 0000000000000000 0000000000000000 1"),
    ("34", 1, 1, "1 0000000000000001 0000000000000001 0"),
    ("34", 65535, 0, "0 1111111111111111 0000000000000000 1"),
    ("37", 0, 0, "0 0000000000000000 0000000000000000000 1"),
    ("37", 0, 0x20000, "1 0000000000000000 0100000000000000000 0"),
    ("37", 1, 1, "1 0000000000000001 0000000000000000001 0"),
]


@pytest.mark.parametrize(("name", "facility", "number", "message"), VECTORS)
def test_messages_are_the_published_ones(name: str, facility: int, number: int, message: str) -> None:
    bits = tuple(int(bit) for bit in message.replace(" ", ""))
    assert FORMATS[name].encode(facility, number) == bits
    assert FORMATS[name].decode(bits) == (facility, number)


@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_every_card_comes_back_and_every_flipped_data_bit_is_seen(name: str, data: st.DataObject) -> None:
    format_ = FORMATS[name]
    facility = data.draw(st.integers(0, (1 << format_.facility.length) - 1))
    number = data.draw(st.integers(0, (1 << format_.number.length) - 1))
    bits = list(format_.encode(facility, number))
    assert format_.decode(bits) == (facility, number)
    bits[data.draw(st.integers(0, format_.length - 1))] ^= 1
    with pytest.raises(WiegandError, match="parity bit"):
        format_.decode(bits)


@pytest.mark.parametrize(("facility", "number"), [(256, 0), (0, 65536), (-1, 0)])
def test_a_number_that_does_not_fit_is_refused(facility: int, number: int) -> None:
    with pytest.raises(WiegandError, match="does not fit"):
        FORMATS["26"].encode(facility, number)


def test_another_length_is_refused() -> None:
    with pytest.raises(WiegandError, match="25 bits came, expected 26"):
        FORMATS["26"].decode([0] * 25)


def test_a_format_of_ones_own() -> None:
    own = WiegandFormat("own", 12, Field(1, 3), Field(4, 7), (Parity(0, 0, 6, odd=False), Parity(11, 0, 12, odd=True)))
    assert own.encode(0b101, 0b1100001) == (0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0)
    assert own.decode(own.encode(5, 97)) == (5, 97)


@pytest.mark.parametrize(
    "make",
    [
        lambda: WiegandFormat("x", 8, Field(0, 4), Field(3, 4)),
        lambda: WiegandFormat("x", 8, Field(0, 4), Field(4, 5)),
        lambda: WiegandFormat("x", 8, Field(0, 4), Field(4, 3), (Parity(3, 0, 8, odd=True),)),
        lambda: WiegandFormat("x", 8, Field(0, 4), Field(4, 3), (Parity(7, 0, 9, odd=True),)),
    ],
)
def test_a_format_that_contradicts_itself_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(WiegandError, match="format x"):
        make()


def test_bits_are_packed_from_the_highest() -> None:
    assert pack((1, 0, 0, 0, 0, 0, 0, 1)) == b"\x81"
    assert pack((1, 0, 1)) == b"\xa0"
    assert pack(FORMATS["26"].encode(118, 1603)) == bytes.fromhex("bb032180")
