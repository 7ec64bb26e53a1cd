"""Who may log in to the console: /console/users."""

from daemon.api.caller import Caller
from daemon.api.console_bodies import NewUser, RemovedUser, UserBody, UserChange, UserList
from daemon.api.failures import ApiError
from daemon.api.operations import Call, NoBody
from daemon.console.roles import PERMISSIONS, Role
from daemon.console.users import User, UserBook
from daemon.timestamps import to_iso


class UserCalls:
    """Handlers of the calls on users. Nobody makes or touches a user who may more than they do."""

    def __init__(self, *, users: UserBook) -> None:
        self._users = users

    def all(self, _call: Call, _body: NoBody) -> UserList:
        return UserList(users=[_body_of(user) for user in self._users.all()])

    def create(self, call: Call, body: NewUser) -> UserBody:
        """Raises ApiError A_003, NameTaken, PasswordRefused, ConsoleError."""
        _check_reach(call.caller, body.role)
        return _body_of(self._users.add(body.user, role=body.role, password=body.password.get_secret_value()))

    def change(self, call: Call, body: UserChange) -> UserBody:
        """Raises NoSuchUser, ApiError A_003, PasswordRefused, and ConsoleError for the last administrator."""
        user = self._one(call)
        for reached in (user.role, body.role or user.role):
            _check_reach(call.caller, reached)
        role = None if body.role is user.role else body.role
        password = None if body.password is None else body.password.get_secret_value()
        if role is not None or password is not None:
            user = self._users.change(user.name, role=role, password=password)
        return _body_of(user)

    def remove(self, call: Call, _body: NoBody) -> RemovedUser:
        """Raises NoSuchUser, ApiError A_003, and ConsoleError for the last administrator."""
        user = self._one(call)
        _check_reach(call.caller, user.role)
        self._users.remove(user.name)
        return RemovedUser(user=user.name)

    def _one(self, call: Call) -> User:
        user = self._users.find(call.path["user"][:128])
        if user is None:
            raise ApiError("NF_004", "there is no such user")
        return user


def _check_reach(caller: Caller | None, role: Role) -> None:
    if caller is None or not PERMISSIONS[role] <= caller.permissions:
        raise ApiError("A_003", f"the role {role.value} may more than you; ask somebody who has it")


def _body_of(user: User) -> UserBody:
    last = None if user.last_login is None else to_iso(user.last_login)
    return UserBody(user=user.name, role=user.role, created_at=to_iso(user.created), last_login_at=last)
