"""Everything about logging in, opened for one terminal."""

import os
from dataclasses import dataclass

from daemon.config.settings import Settings
from daemon.console import sessions, setup, users
from daemon.console.attempts import Attempts
from daemon.console.document import SealedDocument
from daemon.console.passwords import PasswordHasher
from daemon.console.sessions import Limits, SessionBook
from daemon.console.setup import SetupCode
from daemon.console.users import UserBook
from daemon.storage.masterkey import find_store_key
from daemon.storage.seal import FILE_NAME, SealFile


@dataclass(frozen=True, eq=False)
class ConsoleAccess:
    """Users, their sessions, the code for the first of them, and the count of wrong passwords."""

    users: UserBook
    sessions: SessionBook
    setup: SetupCode
    attempts: Attempts


def open_console_access(settings: Settings) -> ConsoleAccess:
    """Raises StoreError."""
    folder = settings.storage.folder
    seal = SealFile(folder / FILE_NAME).open(find_store_key(settings.storage, environ=os.environ))
    book = UserBook(document=SealedDocument(path=folder / users.FILE_NAME, seal=seal), hasher=PasswordHasher())
    limits = Limits(settings.console.idle_minutes * 60, settings.console.session_hours * 3600)
    return ConsoleAccess(
        users=book,
        sessions=SessionBook(
            document=SealedDocument(path=folder / sessions.FILE_NAME, seal=seal), users=book, limits=limits
        ),
        setup=SetupCode(document=SealedDocument(path=folder / setup.FILE_NAME, seal=seal)),
        attempts=Attempts(),
    )
