"""The section `console` of the configuration: the building manager's pages."""

from typing import Annotated

from pydantic import Field

from daemon.config.base import Section


class Console(Section):
    """The building manager's pages at `/console`, served with the API; who may log in is on no key but on a list."""

    enabled: bool = Field(
        True, description="Serve them. Nobody can log in before a user was made: `auther console setup-code`."
    )
    idle_minutes: Annotated[float, Field(ge=1, le=1440)] = Field(
        60.0, description="A session that nobody uses ends after so long; listening to live pictures is no use."
    )
    session_hours: Annotated[float, Field(ge=0.1, le=168)] = Field(
        12.0, description="Every session ends so long after its login."
    )
