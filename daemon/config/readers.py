"""The sections `panel`, `reader` and `kiosk` of the configuration: existing panels, card readers and screens."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from daemon.config.base import FilePath, Section
from daemon.config.door import GpiodInput, OutputLine, PortName, SimulatedLine
from hw import wiegand

Place = Annotated[int, Field(ge=0, le=127)]
Length = Annotated[int, Field(ge=1, le=64)]


class PulseInput(GpiodInput):
    """An input of a GPIO chip that takes pulses of 50 µs: nothing may be swallowed as bounce."""

    debounce_ms: Literal[0] = Field(0, description="Always 0.")


PulseLine = Annotated[SimulatedLine | PulseInput, Field(discriminator="backend")]


class BitField(Section):
    """Where a number lies in a card's message."""

    start: Place = Field(description="Its first bit; 0 is the one sent first.")
    length: Length = Field(description="How many bits.")


class ParityBit(Section):
    """One parity bit of a card's message."""

    at: Place = Field(description="Which bit it is.")
    start: Place = Field(description="The first bit that it covers.")
    end: Annotated[int, Field(ge=1, le=128)] = Field(description="The bit after the last that it covers.")
    odd: bool = Field(description="`true`: the number of ones, itself included, is odd.")


class CardFormat(Section):
    """A card format of one's own. `26`, `34` and `37` are there without being written down."""

    length: Annotated[int, Field(ge=4, le=128)] = Field(description="Bits of a message.")
    facility: BitField
    number: BitField
    parity: Annotated[tuple[ParityBit, ...], Field(strict=False)] = ()

    def format(self, name: str) -> wiegand.WiegandFormat:
        """Raises WiegandError if the parts contradict each other."""
        return wiegand.WiegandFormat(
            name,
            self.length,
            wiegand.Field(self.facility.start, self.facility.length),
            wiegand.Field(self.number.start, self.number.length),
            tuple(wiegand.Parity(p.at, p.start, p.end, odd=p.odd) for p in self.parity),
        )


class WiegandPanel(Section):
    """An existing panel over two lines: a grant is sent to it as the person's card."""

    backend: Literal["wiegand"]
    data0: OutputLine = Field(description="The line D0; active is the pulse.")
    data1: OutputLine = Field(description="The line D1; active is the pulse.")
    card_format: str = Field("26", description="Name of the card format.")


class OsdpPanel(Section):
    """An existing panel over RS-485 (OSDP v2): the terminal is a reader to it, a grant the person's card."""

    backend: Literal["osdp"]
    port: PortName = Field(description="The RS-485 adapter's serial port.")
    baud: Literal[9600, 19200, 38400, 57600, 115200, 230400] = Field(9600, description="Its rate.")
    address: Annotated[int, Field(ge=0, le=126)] = Field(0, description="The reader's address.")
    card_format: str = Field("26", description="Name of the card format.")
    install: bool = Field(
        False, description="Accept the default key until the panel has set its own; without effect from then on."
    )
    secure_only: bool = Field(True, description="Speak over the secure channel only.")
    trace_file: FilePath | None = Field(
        None, description="Readable log of all that passes the wire; keys are left out."
    )


class WiegandReader(Section):
    """A card reader at two inputs, for the second factor."""

    backend: Literal["wiegand"]
    data0: PulseLine = Field(description="The line D0; active is the pulse.")
    data1: PulseLine = Field(description="The line D1; active is the pulse.")
    card_format: str = Field("26", description="Name of the card format.")


class Kiosk(Section):
    """A screen or computer at a serial port that gets one line of JSON for each decision."""

    port: PortName = Field(description="The serial port.")
    baud: Literal[9600, 19200, 38400, 57600, 115200, 230400] = Field(115_200, description="Its rate.")


class Cards(Section):
    """Card formats of one's own."""

    formats: dict[str, CardFormat] = Field({}, description="By name.")

    @model_validator(mode="after")
    def _possible(self) -> "Cards":
        for name, format_ in self.formats.items():
            format_.format(name)
        return self

    def find(self, name: str) -> wiegand.WiegandFormat:
        """Raises ValueError for a format that nobody wrote down."""
        if name in self.formats:
            return self.formats[name].format(name)
        if name not in wiegand.FORMATS:
            known = ", ".join([*wiegand.FORMATS, *self.formats])
            raise ValueError(
                f"card_format: {name!r} is not known; choose one of {known}, or write it down in cards.formats"
            )
        return wiegand.FORMATS[name]


Panel = Annotated[WiegandPanel | OsdpPanel, Field(discriminator="backend")]
