"""From a message on a command topic to the handler, and back to `…/command/result`."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from daemon.errors import AutherError
from daemon.events import messages
from daemon.mqtt.commands import (
    ACTIONS,
    Action,
    Command,
    CommandGate,
    Enrol,
    Lock,
    Lockdown,
    Refused,
    Reload,
    Request,
    Unlock,
)
from daemon.mqtt.link import Incoming, Outgoing

RESULT_EXPIRY_SECONDS = 60

log = logging.getLogger(__name__)


class CommandHandler(Protocol):
    """Does what an admitted command says. Called on the MQTT thread: each method starts its work and returns at once.

    A method raises AutherError when it can't be done now; the message goes back to the sender.
    """

    def unlock(self, seconds: int | None) -> None: ...

    def lock(self) -> None: ...

    def lockdown(self, *, on: bool) -> None: ...

    def enrol(self, person_id: str, seconds: int) -> None: ...

    def reload(self) -> None: ...

    def health(self) -> Mapping[str, object]: ...


class CommandBus:
    """Passes admitted commands on and answers every message, refused ones with the reason."""

    def __init__(
        self,
        *,
        gate: CommandGate,
        handler: CommandHandler,
        device_id: str,
        prefix: str,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gate, self._handler, self._device_id = gate, handler, device_id
        self._command_topic, self._clock, self._monotonic = f"{prefix}/command", clock, monotonic

    @property
    def topics(self) -> list[str]:
        """What to subscribe to: never the topic of the results."""
        return [self._command_topic, *(f"{self._command_topic}/{name}" for name in ACTIONS)]

    def health(self) -> Mapping[str, object]:
        """The handler's snapshot; a handler that fails must not take the connection with it."""
        try:
            return self._handler.health()
        except Exception:
            log.exception("the snapshot of health failed")
            return {"error": "the snapshot failed; see the terminal's log"}

    def handle(self, message: Incoming) -> Outgoing | None:
        """Judge, act and answer; an empty message clears a retained one and is no command."""
        if not message.payload:
            return None
        request = Request(
            name=message.topic[len(self._command_topic) + 1 :],
            payload=message.payload,
            retained=message.retained,
            expiry=message.expiry,
            waited=self._monotonic() - message.received,
        )
        return self._answer(self._act(request), message.correlation)

    def _act(self, request: Request) -> dict[str, object]:
        verdict = self._gate.admit(request, now=self._clock())
        if isinstance(verdict, Refused):
            log.warning("command %s refused: %s: %s", verdict.name, verdict.reason.value, verdict.detail)
            return _result(verdict.id, verdict.name, reason=verdict.reason.value, detail=verdict.detail)
        return self._run(verdict)

    def _run(self, command: Command) -> dict[str, object]:
        try:
            data = self._dispatch(command.action)
        except AutherError as error:
            log.warning("command %s %s failed: %s", command.name, command.id, error)
            return _result(command.id, command.name, reason="failed", detail=str(error))
        except Exception:
            log.exception("command %s %s failed", command.name, command.id)
            return _result(command.id, command.name, reason="failed", detail="internal error; see the terminal's log")
        log.info("command %s %s done", command.name, command.id)
        return _result(command.id, command.name, reason="done", data=data)

    def _dispatch(self, action: Action) -> Mapping[str, object] | None:
        if isinstance(action, Unlock):
            self._handler.unlock(action.seconds)
        elif isinstance(action, Lock):
            self._handler.lock()
        elif isinstance(action, Lockdown):
            self._handler.lockdown(on=action.on)
        elif isinstance(action, Enrol):
            self._handler.enrol(action.person_id, action.seconds)
        elif isinstance(action, Reload):
            self._handler.reload()
        else:
            return self._handler.health()
        return None

    def _answer(self, result: Mapping[str, object], correlation: bytes | None) -> Outgoing:
        payload = messages.result_payload(result, device_id=self._device_id, at=self._clock())
        topic = f"{self._command_topic}/result"
        return Outgoing(topic, messages.plain(payload), expiry=RESULT_EXPIRY_SECONDS, correlation=correlation)


def _result(
    command_id: str | None, name: str, *, reason: str, detail: str = "", data: Mapping[str, object] | None = None
) -> dict[str, object]:
    return {"id": command_id, "command": name, "ok": reason == "done", "reason": reason, "detail": detail, "data": data}
