"""What the console's own calls take and give."""

from typing import Annotated

from pydantic import Field, SecretStr

from daemon.api.bodies import Asked, Body
from daemon.console.passwords import MOST
from daemon.console.roles import Role
from daemon.console.users import NAME

UserName = Annotated[str, Field(min_length=1, max_length=64, examples=["anna"])]
NewName = Annotated[str, Field(pattern=f"^{NAME}$", examples=["anna"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=4 * MOST, examples=["four words of my own"])]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-09-04T16:05:08.938Z"])]
AnyRole = Annotated[Role, Field(strict=False)]


class Login(Asked):
    """Who wants to log in."""

    user: UserName
    password: Password


class Setup(Asked):
    """The first administrator; the code stands in the terminal's journal, and `auther console setup-code` prints it."""

    setup_code: Annotated[SecretStr, Field(min_length=1, max_length=64, examples=["7k3m-x9q2-0vwe"])]
    user: NewName
    password: Password


class PasswordChange(Asked):
    """One's own password; every session of the user ends, and this one goes on as a new one."""

    old: Password
    new: Password


class SessionBody(Body):
    """Who is logged in. All but the terminal's name and zone are null while the console has no user yet."""

    user: str | None = None
    role: Role | None = None
    csrf_token: Annotated[str | None, Field(description="To be sent in X-CSRF-Token with every change.")] = None
    expires_at: Annotated[str | None, Field(description="When it ends unless it is used.")] = None
    setup_needed: bool
    device: str
    timezone: str
    keeps: Annotated[tuple[str, ...], Field(description="Of what pictures are kept.")] = ()


class LoggedOut(Body):
    """The session is over."""

    logged_out: bool = True


class UserBody(Body):
    """Somebody who may log in to the console."""

    user: str
    role: Role
    created_at: Moment
    last_login_at: Moment | None


class UserList(Body):
    """Everybody who may log in, by name."""

    users: list[UserBody]


class NewUser(Asked):
    """Somebody who shall be able to log in."""

    user: NewName
    role: AnyRole
    password: Password


class UserChange(Asked):
    """What is given is changed; either ends the user's sessions."""

    role: AnyRole | None = None
    password: Password | None = None


class RemovedUser(Body):
    """Who may log in no more."""

    user: str
