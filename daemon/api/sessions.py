"""The console's login: /console/session, /console/setup, /console/login, /console/logout, /console/password."""

import logging

from daemon.api.auth import COOKIE
from daemon.api.console_bodies import LoggedOut, Login, PasswordChange, SessionBody, Setup
from daemon.api.failures import ApiError
from daemon.api.operations import Call, NoBody, Text
from daemon.audit import AuditTrail, Entry
from daemon.config.settings import Settings
from daemon.console.access import ConsoleAccess
from daemon.console.roles import Role
from daemon.console.sessions import Session, csrf_token
from daemon.console.users import User
from daemon.errors import AuditError
from daemon.timestamps import to_iso

log = logging.getLogger(__name__)

_WRONG = "user or password is wrong"


class SessionCalls:
    """Handlers of login and logout. `secure`: the cookie goes over TLS only."""

    def __init__(
        self,
        *,
        access: ConsoleAccess,
        audit: AuditTrail,
        settings: Settings,
    ) -> None:
        self._access, self._audit, self._settings = access, audit, settings

    def show(self, call: Call, _body: NoBody) -> SessionBody:
        """Raises ApiError A_004 when nobody is logged in and somebody could be."""
        session = self._access.sessions.find(call.token)
        if session is not None:
            return self._body(call.token, session)
        if self._access.users.all():
            raise ApiError("A_004", "nobody is logged in here; log in")
        return self._blank(setup_needed=True)

    def set_up(self, call: Call, body: Setup) -> Text:
        """Raises ApiError A_006, L_003, NameTaken once there is a user, PasswordRefused."""
        if self._access.users.all():
            raise ApiError("R_013", "the console is set up already; log in")
        self._patience(call, body.user)
        if not self._access.setup.matches(body.setup_code.get_secret_value()):
            self._note(call, "set up console", None, "401")
            raise ApiError("A_006", "the set-up code is wrong; `auther console setup-code` prints it at the terminal")
        user = self._access.users.add(
            body.user, role=Role.ADMINISTRATOR, password=body.password.get_secret_value(), first=True
        )
        self._access.setup.forget()
        self._access.users.logged_in(user.name)
        self._note(call, "set up console", user.name, "200")
        return self._open(call, user)

    def log_in(self, call: Call, body: Login) -> Text:
        """Raises ApiError A_006, L_003; who does not exist is answered as who mistypes, and as late."""
        self._patience(call, body.user)
        user = self._access.users.matches(body.user, body.password.get_secret_value())
        if user is None:
            # A password typed in the wrong place must not stand in a file: only names that exist do.
            known = self._access.users.find(body.user)
            self._note(call, "log in", None if known is None else known.name, "401")
            raise ApiError("A_006", _WRONG)
        self._access.users.logged_in(user.name)
        self._note(call, "log in", user.name, "200")
        return self._open(call, user)

    def log_out(self, call: Call, _body: NoBody) -> Text:
        """Raises ApiError A_003 where there is no session to end."""
        _session_of(call)
        self._access.sessions.close(call.token)
        return Text(
            LoggedOut().model_dump_json(by_alias=True),
            "application/json",
            {"Set-Cookie": self._cookie("", more="; Max-Age=0"), "Clear-Site-Data": '"cache", "storage"'},
        )

    def change_password(self, call: Call, body: PasswordChange) -> Text:
        """Raises ApiError A_006 when the old one is wrong, L_003, PasswordRefused."""
        name = _session_of(call).user
        self._patience(call, name)
        if self._access.users.matches(name, body.old.get_secret_value()) is None:
            raise ApiError("A_006", "old: this is not your password")
        return self._open(call, self._access.users.change(name, password=body.new.get_secret_value()))

    def _open(self, call: Call, user: User) -> Text:
        """A new session in place of any that the browser had: nobody can have prepared it."""
        self._access.attempts.succeeded(user.name, call.address)
        if call.token:
            self._access.sessions.close(call.token)
        token, session = self._access.sessions.open(user)
        body = self._body(token, session).model_dump_json(by_alias=True)
        return Text(body, "application/json", {"Set-Cookie": self._cookie(token)})

    def _patience(self, call: Call, name: str) -> None:
        wait = self._access.attempts.begin(name, call.address)
        if wait is None:
            return
        if wait.news:
            known = self._access.users.find(name)
            self._note(call, "log in", None if known is None else known.name, "429")
            log.warning("too many wrong passwords for the console from %s", call.address)
        raise ApiError("L_003", wait=wait.seconds)

    def _body(self, token: str, session: Session) -> SessionBody:
        return self._blank(setup_needed=False).model_copy(
            update={
                "user": session.user,
                "role": session.role,
                "csrf_token": csrf_token(token),
                "expires_at": to_iso(session.expires),
                "keeps": self._settings.storage.keep_images,
            }
        )

    def _blank(self, *, setup_needed: bool) -> SessionBody:
        settings = self._settings
        return SessionBody(setup_needed=setup_needed, device=settings.device.id, timezone=settings.rules.timezone)

    def _cookie(self, token: str, *, more: str = "") -> str:
        secure = "; Secure" if self._settings.api.tls else ""
        return f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{more}"

    def _note(self, call: Call, what: str, user: str | None, result: str) -> None:
        try:
            self._audit.append(Entry(f"console@{call.address}", what, user, result, call.request_id), durable=False)
        except AuditError as error:
            log.error("request %s is not in the audit trail: %s", call.request_id, error)


def _session_of(call: Call) -> Session:
    proof = None if call.caller is None else call.caller.proof
    if not isinstance(proof, Session):
        raise ApiError("A_003", "a key has no session; this is for who is logged in to the console")
    return proof
