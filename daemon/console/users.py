"""Who may log in to the console: names, roles and hashes of passwords in one sealed file."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from daemon.console.document import Content, SealedDocument
from daemon.console.passwords import PasswordHasher, check_password
from daemon.console.roles import Role
from daemon.errors import ConsoleError, NameTaken, NoSuchUser

FILE_NAME = "console-users"
NAME = r"[a-z0-9][a-z0-9._@-]{0,63}"
MOST_USERS = 200
_NAME = re.compile(NAME)


@dataclass(frozen=True)
class User:
    """Somebody who may log in; times are Unix seconds.

    `generation` changes with the password and the role: sessions of an earlier one are over.
    """

    name: str
    role: Role
    password: str = field(repr=False)
    generation: str
    created: float
    last_login: float | None = None


class UserBook:
    """All users. Any thread and process may change them; every method raises StoreError when the file can't be used."""

    def __init__(
        self, *, document: SealedDocument, hasher: PasswordHasher, clock: Callable[[], float] = time.time
    ) -> None:
        self._document, self._hasher, self._clock = document, hasher, clock

    def all(self) -> tuple[User, ...]:
        """By name."""
        return tuple(_user(name, known) for name, known in sorted(self._document.read().items()))

    def find(self, name: str) -> User | None:
        """As it is written, or with capitals."""
        known = self._document.read().get(name.lower())
        return None if known is None else _user(name.lower(), known)

    def add(self, name: str, *, role: Role, password: str, first: bool = False) -> User:
        """Make a user; with `first` only where there is none yet.

        Raises ConsoleError for a name that is none and for one user too many, NameTaken, PasswordRefused.
        """
        name = check_name(name)
        check_password(password, user=name)
        made = User(name, role, self._hasher.hash(password), secrets.token_hex(8), self._clock())

        def put(users: Content) -> Content:
            if first and users:
                raise NameTaken("the console has a user already; log in")
            if name in users:
                raise NameTaken(f"user {name}: there is one already")
            if len(users) >= MOST_USERS:
                raise ConsoleError(f"there are {MOST_USERS} users, and no room for more; remove some first")
            return {**users, name: _record(made)}

        self._document.change(put)
        return made

    def matches(self, name: str, password: str) -> User | None:
        """The user of this name and password; takes as long for a name that there is not."""
        user = self.find(name)
        right = self._hasher.matches(password, None if user is None else user.password)
        return user if right else None

    def change(self, name: str, *, role: Role | None = None, password: str | None = None) -> User:
        """All that is given or, where any of it is refused, nothing; ends every session of the user.

        Raises NoSuchUser, PasswordRefused, and ConsoleError when nobody could administer any more.
        """
        changed: dict[str, Any] = {"generation": secrets.token_hex(8)}
        if role is not None:
            changed["role"] = role
        if password is not None:
            check_password(password, user=name)
            changed["password"] = self._hasher.hash(password)
        return self._replace(name, lambda user: replace(user, **changed))

    def logged_in(self, name: str) -> None:
        """Note the time. Raises NoSuchUser."""
        self._replace(name, lambda user: replace(user, last_login=self._clock()))

    def remove(self, name: str, *, last_too: bool = False) -> None:
        """Raises NoSuchUser, and ConsoleError when nobody could administer any more; `last_too` takes the only user."""

        def take(users: Content) -> Content:
            if name.lower() not in users:
                raise NoSuchUser(f"user {name}: there is none")
            left = {one: known for one, known in users.items() if one != name.lower()}
            return left if last_too and not left else _governed(users, left)

        self._document.change(take)

    def _replace(self, name: str, change: Callable[[User], User]) -> User:
        def put(users: Content) -> Content:
            if name.lower() not in users:
                raise NoSuchUser(f"user {name}: there is none")
            changed = _record(change(_user(name.lower(), users[name.lower()])))
            return _governed(users, {**users, name.lower(): changed})

        return _user(name.lower(), self._document.change(put)[name.lower()])


def check_name(name: str) -> str:
    """The name in small letters. Raises ConsoleError."""
    if not _NAME.fullmatch(name.lower()):
        raise ConsoleError("user: expected 1 to 64 of a-z 0-9 . _ @ -, beginning with a letter or digit")
    return name.lower()


def _governed(before: Content, after: Content) -> Content:
    """What comes after, unless it takes the last administrator away; where there was none, nobody is taken away."""
    if _administrators(before) and not _administrators(after):
        raise ConsoleError("this is the last administrator; make another one first")
    return after


def _administrators(users: Content) -> bool:
    return any(one["role"] == Role.ADMINISTRATOR for one in users.values())


def _record(user: User) -> dict[str, Any]:
    return {name: value for name, value in asdict(user).items() if name != "name"}


def _user(name: str, known: dict[str, Any]) -> User:
    return User(**{**known, "name": name, "role": Role(known["role"])})
