"""The section `indicator` of the configuration: lights and buzzer beside the door."""

from typing import Annotated

from pydantic import Field

from daemon.config.base import Section
from daemon.config.door import OutputLine


class Indicator(Section):
    """Lights and a buzzer beside the door: green and one tone for a grant, red and three for a denial.

    What an OSDP panel orders shows on them as well.
    """

    green: OutputLine | None = Field(None, description="The line of the green light.")
    red: OutputLine | None = Field(None, description="The line of the red light; with the green one it is amber.")
    buzzer: OutputLine | None = Field(None, description="The line of the buzzer.")
    output: OutputLine | None = Field(None, description="What an OSDP panel's output 0 switches, a lamp or a bell.")
    seconds: Annotated[float, Field(ge=0.5, le=30)] = Field(2.0, description="How long a decision shows.")
    tones: bool = Field(True, description="Whether decisions sound; a panel's orders always do.")
