"""The section `door` of the configuration: lines, timing and polarity."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from daemon.config.base import Section

LineName = Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1)]
PortName = Annotated[str, Field(min_length=1)]


class SimulatedLine(Section):
    """A recording line without hardware: for demonstrations and tests."""

    backend: Literal["simulated"]


class GpiodLine(Section):
    """A line of a GPIO chip through libgpiod v2."""

    backend: Literal["gpiod"]
    chip: PortName = Field("/dev/gpiochip0", description="The chip's device file.")
    line: LineName = Field(description="The line's name (`GPIO17`) or its offset on the chip.")
    active_low: bool = Field(
        False, description="`true` for relay boards that switch when the line is pulled to ground."
    )


class LcusLine(Section):
    """A relay of a USB board with 1 to 8 relays that speaks the LCUS protocol (four bytes at 9600 baud)."""

    backend: Literal["lcus"]
    port: PortName = Field(description="The board's serial port; best one of /dev/serial/by-id or by-path.")
    channel: Annotated[int, Field(ge=1, le=8)] = Field(1, description="Which relay of the board.")


class GpiodInput(Section):
    """An input of a GPIO chip through libgpiod v2."""

    backend: Literal["gpiod"]
    chip: PortName = Field("/dev/gpiochip0", description="The chip's device file.")
    line: LineName = Field(description="The line's name (`GPIO22`) or its offset on the chip.")
    active_low: bool = Field(True, description="`true`: active at ground, as a switch between line and ground is.")
    bias: Literal["pull-up", "pull-down", "disabled", "as-is"] = Field(
        "pull-up", description="The chip's own resistor on the line."
    )
    debounce_ms: Annotated[int, Field(ge=0, le=1000)] = Field(
        20, description="The kernel ignores changes shorter than this, milliseconds."
    )


OutputLine = Annotated[SimulatedLine | GpiodLine | LcusLine, Field(discriminator="backend")]
InputLine = Annotated[SimulatedLine | GpiodInput, Field(discriminator="backend")]


class Door(Section):
    """Strike, contact, exit button and the times between them."""

    strike: OutputLine = Field(
        SimulatedLine(backend="simulated"), description="The line that the strike's relay hangs on."
    )
    fail_safe: bool = Field(False, description="`true` for a maglock (unlocked without current), `false` for a strike.")
    pulse_seconds: Annotated[float, Field(ge=0.1, le=60)] = Field(3.0, description="How long a grant unlocks the door.")
    min_pulse_seconds: Annotated[float, Field(ge=0, le=5)] = Field(
        0.3, description="An unlock lasts so long at least, however soon the door opens."
    )
    max_unlock_seconds: Annotated[float, Field(ge=0.1, le=3600)] = Field(
        60.0,
        description="So long at most, however often it is renewed. Windows of `unlock_schedule` are not bound by it.",
    )
    relock_on_open: bool = Field(True, description="Lock as soon as the door has opened, so that nobody follows.")
    contact: InputLine | None = Field(None, description="The line of the door's contact; active means closed.")
    exit_button: InputLine | None = Field(None, description="The line of the exit button; active means pressed.")
    tamper: InputLine | None = Field(None, description="The line of the housing's contact; active means closed.")
    held_open_seconds: Annotated[float, Field(ge=1, le=900)] = Field(
        30.0, description="A door that stands open for so long raises the alarm `held_open`."
    )
    grace_seconds: Annotated[float, Field(ge=0, le=5)] = Field(
        0.5, description="A door that opens so soon after it was locked has not been forced."
    )
    exit_in_lockdown: bool = Field(True, description="Whether the exit button unlocks during a lockdown.")
    unlock_schedule: str | None = Field(
        None,
        description="Name of the schedule (`rules.schedules`) in whose windows the door is unlocked for everybody.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> "Door":
        if not self.min_pulse_seconds <= self.pulse_seconds <= self.max_unlock_seconds:
            raise ValueError(
                "pulse_seconds: expected min_pulse_seconds <= pulse_seconds <= max_unlock_seconds, "
                f"not {self.min_pulse_seconds:g}, {self.pulse_seconds:g}, {self.max_unlock_seconds:g}"
            )
        return self
