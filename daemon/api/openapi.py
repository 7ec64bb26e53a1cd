"""The API's description (OpenAPI 3.1), made of the same values as its routes."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel

from daemon.api.auth import COOKIE
from daemon.api.bodies import FailureBody
from daemon.api.failures import CODES
from daemon.api.limits import SMALL_BYTES
from daemon.api.operations import NoBody, Operation

DESCRIPTION = f"""\
The calls of Auther Check, served by the terminal at the door, and the terminal's own under `/device`. An application
written for the cloud works here with another base URL.

Every call but health carries the header `Api-Key`; keys are made at the terminal (`auther keys create`). The console's
pages call it with the cookie of a session instead, and the header `X-CSRF-Token` where something changes. Every answer
carries `Request-Id`: the request's own, if it sent a good one. Errors are `{{"code", "type", "message"}}`; `type` is
the code's family. Times are `2020-09-03T16:05:08.938Z`. A body with pictures has at most `api.max_body_bytes`, any
other {SMALL_BYTES // 1024} KiB.

**Signed requests.** A key may demand them. Signed are the lines (joined by LF, none at the end) METHOD, PATH?QUERY as
sent (without a `?` that nothing follows), timestamp, nonce, lower-case hex SHA-256 of the body. Headers:
`Signature-Timestamp` (Unix seconds, at most 300 s off), `Signature-Nonce` (8 to 64 characters, each once),
`Signature-Algorithm` and `Signature` (Base64): `hmac-sha256` with the secret shown when the key was made, or
`rsa-sha256` (RSASSA-PKCS1-v1_5) with the client's key. The answer to a signed request carries the same headers with
`rsa-sha256` over the lines STATUS, Request-Id, timestamp, the request's nonce, hex SHA-256 of the body; the key is
`GET /device/public-key`.
"""

SECTIONS: Mapping[str, str] = {
    "Checks": "Who somebody is, by a picture. Nothing is kept.",
    "Persons": "Who is enrolled.",
    "Device": "What happens at the terminal and its door.",
    "Monitoring": "Whether the terminal is well.",
    "Console": "Logging in to the console, and who may.",
    "Administration": "Settings, keys, backups, audit trail and log.",
    "Documentation": "This description.",
}
"""The tags in the order in which they are read."""

ALWAYS = ("R_005", "R_010", "S_001")
WITH_KEY = ("A_001", "A_002", "A_003", "A_004", "G_001", "G_002", "G_003", "L_001")
FROM_PAGES = ("A_005",)
SESSION = "Of somebody who logged in to the console, `POST /console/login`."
CSRF = "The session's `csrfToken`; for all methods but GET and HEAD."
REQUEST_ID = {"Request-Id": {"$ref": "#/components/headers/RequestId"}}

Json = dict[str, Any]


def describe(operations: Iterable[Operation[Any]]) -> Json:
    """The whole document."""
    listed = tuple(operations)
    used = {operation.tag for operation in listed}
    paths: Json = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Auther Embedded",
            "version": version("auther-embedded"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"apiKey": []}, {"bearer": []}, {"session": [], "csrf": []}],
        "tags": [{"name": tag, "description": SECTIONS[tag]} for tag in SECTIONS if tag in used],
        "paths": paths,
        "components": {
            "schemas": _schemas(listed),
            "securitySchemes": {
                "apiKey": {"type": "apiKey", "in": "header", "name": "Api-Key"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "The same key, as Prometheus sends it."},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": SESSION},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": CSRF},
            },
            "headers": {
                "RequestId": {
                    "description": "Names this call in the terminal's log and audit trail.",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
                }
            },
        },
    }


def codes_of(operation: Operation[Any]) -> tuple[str, ...]:
    """Every code that a call may be answered with."""
    guarded = () if operation.public else WITH_KEY
    changing = () if operation.method == "GET" else FROM_PAGES
    return tuple(dict.fromkeys((*operation.codes, *guarded, *changing, *ALWAYS)))


def _operation(operation: Operation[Any]) -> Json:
    permission = operation.permission.value if operation.permission is not None else None
    needs = "Needs no key." if operation.public else f"Needs the permission `{permission}`." if permission else ""
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": f"{operation.description} {needs}".strip(),
        "parameters": [_parameter(operation, index) for index in range(len(operation.parameters))],
        "responses": _responses(operation),
    }
    if operation.public:
        described["security"] = []
    if operation.body is not NoBody:
        content: Json = {"schema": _reference(operation.body)}
        if operation.example is not None:
            content["example"] = dict(operation.example)
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _parameter(operation: Operation[Any], index: int) -> Json:
    parameter = operation.parameters[index]
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": dict(parameter.schema),
        "example": parameter.example,
    }


def _responses(operation: Operation[Any]) -> Json:
    responses: Json = {"200": {"description": "Done", "headers": REQUEST_ID, "content": _content(operation.answer)}}
    for status, meaning in operation.statuses.items():
        responses[str(status)] = {"description": meaning, "headers": REQUEST_ID, "content": _content(operation.answer)}
    by_status: dict[int, list[str]] = {}
    for code in codes_of(operation):
        by_status.setdefault(CODES[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = _failed(codes)
    return responses


def _content(answer: type[BaseModel] | str) -> Json:
    if isinstance(answer, str):
        return {answer: {"schema": {"type": "object" if answer == "application/json" else "string"}}}
    return {"application/json": {"schema": _reference(answer)}}


def _failed(codes: Iterable[str]) -> Json:
    headers: Json = dict(REQUEST_ID)
    listed = tuple(codes)
    if any(CODES[code].type == "limit" for code in listed):
        headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    examples = {
        code: {
            "summary": CODES[code].meaning,
            "value": {"code": code, "type": CODES[code].type, "message": CODES[code].meaning},
        }
        for code in listed
    }
    schema = {"allOf": [_reference(FailureBody)], "properties": {"code": {"enum": list(listed)}}}
    return {
        "description": "; ".join(f"`{code}` {CODES[code].meaning}" for code in listed),
        "headers": headers,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _schemas(operations: Iterable[Operation[Any]]) -> Mapping[str, Json]:
    kinds: dict[str, type[BaseModel]] = {FailureBody.__name__: FailureBody}
    for operation in operations:
        for kind in (operation.body, operation.answer):
            if not isinstance(kind, str) and kind is not NoBody:
                kinds[kind.__name__] = kind
    schemas: dict[str, Json] = {}
    for name, kind in sorted(kinds.items()):
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    return schemas


def _reference(kind: type[BaseModel]) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
