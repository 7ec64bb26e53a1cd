"""The section `screen` of the configuration: the display beside the camera."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from daemon.config.base import Section

LANGUAGES = Path(__file__).parents[1] / "web" / "static" / "screen" / "languages"

Shown = Literal["name", "initials", "nothing"]


class Screen(Section):
    """The page /screen for a display beside the camera: what to do, and what happened."""

    enabled: bool = Field(False, description="Serve it.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8480,
        description="Port at 127.0.0.1 for a browser on this machine, in plain HTTP: `http://127.0.0.1:8480/screen`."
        " 0: none; then, as from other machines, only at the API's address and with a key"
        " (`auther keys create lobby --may screen`): `https://…:8443/screen#key=…`.",
    )
    language: str = Field("en", description="Language of the page, one of web/static/screen/languages: `de`, `en` …")
    show: Shown = Field(
        "nothing",
        description="What a welcome shows of the person, for at most 4 seconds: `name` or `initials`, as the person's"
        " ID has them (`grace.hopper`), or `nothing`.",
    )
    view: bool = Field(True, description="Show the camera's picture, mirrored, while somebody is there.")
    fps: Annotated[float, Field(ge=1, le=30)] = Field(12.0, description="Most pictures a second that it is sent.")
    sound: bool = Field(False, description="Short tones with what happened.")

    @model_validator(mode="after")
    def _known_language(self) -> "Screen":
        known = sorted(file.stem for file in LANGUAGES.glob("*.json"))
        if self.language not in known:
            raise ValueError(f"language: must be one of {', '.join(known)}, not {self.language!r}")
        return self
