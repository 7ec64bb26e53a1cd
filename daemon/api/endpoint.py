"""The one way that every call goes: caller, permission, room, body, signature, JSON, handler, audit, answer."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from daemon.api.auth import COOKIE, SAFE_METHODS, Callers, authorise, check_origin, shows_key
from daemon.api.caller import Caller
from daemon.api.failures import ApiError, Failure, failure_of
from daemon.api.limits import SMALL_BYTES, Admission, read_body
from daemon.api.operations import Call, NoBody, Operation, Stream, Text
from daemon.api.signatures import SignatureCheck, SignedRequest, answer_headers
from daemon.api.stream import StreamAnswer, while_admitted
from daemon.audit import AuditTrail, Entry
from daemon.errors import AuditError
from daemon.keys import ApiKey
from daemon.signing import Stamp

log = logging.getLogger(__name__)

JSON = "application/json"

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Guards:
    """What every call has to pass, shared by all paths."""

    callers: Callers
    signatures: SignatureCheck
    signing_key: RSAPrivateKey
    audit: AuditTrail
    admission: Admission
    threads: Executor
    max_body_bytes: int
    body_seconds: float


@dataclass(frozen=True, eq=False)
class _Arrived:
    """A call whose body is here and whose caller may make it."""

    call: Call
    signed: SignedRequest
    headers: Mapping[str, str] = field(repr=False)


class Endpoint:
    """An ASGI application for the operations of one path."""

    def __init__(self, *, operations: Sequence[Operation[Any]], guards: Guards) -> None:
        self._operations = {operation.method: operation for operation in operations}
        self._guards = guards

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations["GET" if request.method == "HEAD" else request.method]  # type: ignore[index]
        request.state.operation, request.state.audit = operation.id, operation.audit
        response = await self._answer(operation, request)
        await response(scope, receive, send)

    async def _answer(self, operation: Operation[Any], request: Request) -> Response:
        request_id: str = request.state.request_id
        try:
            token = request.cookies.get(COOKIE, "")
            caller = await self._admit(operation, request, token)
            request.state.key = "-" if caller is None else caller.name
            async with self._guards.admission.place() if operation.pictures else nullcontext():
                if operation.body is not NoBody:
                    _check_media_type(request)
                # Also what a call does not look at: its signature covers it.
                body = await read_body(request, limit=self._limit(operation), seconds=self._guards.body_seconds)
                call = Call(
                    request_id, caller, dict(request.path_params), dict(request.query_params), _address(request), token
                )
                signed = SignedRequest(request.method, _target(request.scope), body)
                arrived = _Arrived(call, signed, request.headers)
                return await self._in_thread(partial(self._serve, operation, arrived))
        except Exception as error:
            return render_failure(failure_of(error, request_id=request_id))

    def _limit(self, operation: Operation[Any]) -> int:
        """Bytes. Any number may send a body that no place is waited for, and of public calls anybody."""
        return self._guards.max_body_bytes if operation.pictures else min(SMALL_BYTES, self._guards.max_body_bytes)

    async def _admit(self, operation: Operation[Any], request: Request, token: str) -> Caller | None:
        with_key = shows_key(request.headers)
        if request.method not in SAFE_METHODS and not with_key:
            check_origin(request.headers)
        if operation.public:
            return None
        # Who only listens does not use the session: an open page alone keeps nobody logged in.
        touch = operation.answer != "text/event-stream"
        identify = partial(self._guards.callers.identify, request.headers, token, method=request.method, touch=touch)
        # A key is looked up in less time than a thread takes to begin, and without waiting for anybody.
        caller = identify() if with_key else await self._in_thread(identify)
        try:
            authorise(caller, operation.permission)
        except ApiError as error:
            call = Call(request.state.request_id, caller, dict(request.path_params), {})
            refusal = render_failure(Failure(error.code, str(error)))
            await self._in_thread(partial(self._record, operation, call, refusal))
            raise
        return caller

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._guards.threads, work)

    def _serve(self, operation: Operation[Any], arrived: _Arrived) -> Response:
        """In a worker thread."""
        call, stamp, subject = arrived.call, None, None
        try:
            if call.caller is not None and isinstance(call.caller.proof, ApiKey):
                self._guards.callers.note_use(call.caller.proof)
                stamp = self._guards.signatures.check(call.caller.proof, arrived.headers, arrived.signed)
            body = _parse(operation.body, arrived.signed.body)
            subject = None if operation.subject is None else operation.subject(body)
            answer = operation.handler(call, body)
            response = self._follow(call, answer) if isinstance(answer, Stream) else _render(answer)
        except Exception as error:
            response = render_failure(failure_of(error, request_id=call.request_id))
        self._record(operation, call, response, subject)
        return self._signed(response, call, stamp)

    def _follow(self, call: Call, stream: Stream) -> Response:
        """A stream that ends soon after its key or session."""
        chunks = while_admitted(stream.chunks, lambda: self._in_thread(partial(self._holds, call)))
        return StreamAnswer(replace(stream, chunks=chunks))

    def _holds(self, call: Call) -> bool:
        return call.caller is None or self._guards.callers.holds(call.caller, call.token)

    def _record(self, operation: Operation[Any], call: Call, response: Response, subject: str | None = None) -> None:
        if operation.audit is None or call.caller is None:
            return
        # Of an id that is none only what can stand in a log: the line is JSON, which escapes everything else.
        whom = (next(iter(call.path.values()), "") or subject or "")[:128] or None
        entry = Entry(call.caller.name, operation.audit, whom, str(response.status_code), call.request_id)
        try:
            self._guards.audit.append(entry, durable=operation.durable)
        except AuditError as error:
            log.error("request %s is not in the audit trail: %s", call.request_id, error)

    def _signed(self, response: Response, call: Call, stamp: Stamp | None) -> Response:
        if stamp is not None and not isinstance(response, StreamAnswer):
            response.headers.update(
                answer_headers(
                    self._guards.signing_key,
                    status=response.status_code,
                    request_id=call.request_id,
                    stamp=stamp,
                    body=bytes(response.body),
                    now=time.time(),
                )
            )
        return response


def render_failure(failure: Failure) -> Response:
    return JSONResponse(failure.body, failure.status, headers=dict(failure.headers))


def _render(answer: BaseModel | Text) -> Response:
    if isinstance(answer, Text):
        return Response(answer.content, answer.status, dict(answer.headers), answer.media_type)
    return Response(answer.model_dump_json(by_alias=True), media_type=JSON)


def _parse(kind: type[BaseModel], content: bytes) -> BaseModel:
    if kind is NoBody:
        return NoBody()
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        if any(problem["type"] == "json_invalid" for problem in problems):
            raise ApiError("R_001", "the body is not JSON in UTF-8") from None
        # The callers' own words are left out: a field's name is up to them.
        known = {info.alias or name for name, info in kind.model_fields.items()}
        lines = {_explain(problem["loc"], problem["type"], problem["msg"], known) for problem in problems}
        raise ApiError("R_002", "Request body exception: " + "; ".join(sorted(lines))) from None


def _explain(place: tuple[int | str, ...], kind: str, message: str, known: set[str]) -> str:
    if kind == "extra_forbidden":
        return f"unknown field; known are {', '.join(sorted(known))}"
    name = str(place[0]) if place else "body"
    return f"{name}: {message[0].lower()}{message[1:]}"


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise ApiError("R_008", f"Content-Type: expected {JSON}")


def _target(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("latin-1")


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
