"""A small typed client of the terminal's API, of the standard library alone: copy it into your application.

client = Client("https://door.example:8443", "YOUR-KEY", ca_file="tls.crt")
client.enrol("anna", Path("anna.jpg").read_bytes())
print(client.identify(Path("visitor.jpg").read_bytes()).person_id)
"""

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    """A person; times are as the terminal writes them (`2020-09-03T16:05:08.938Z`)."""

    person_id: str
    created: str
    updated: str


class ApiError(Exception):
    """The terminal refused: `code` as `F_001`, and the Request-Id for whoever runs it."""

    def __init__(self, status: int, code: str, message: str, request_id: str) -> None:
        super().__init__(f"{code}: {message} (request {request_id})")
        self.status, self.code, self.request_id = status, code, request_id


class Client:
    """Calls one terminal. With `secret` every request is signed (hmac-sha256).

    `ca_file` is the terminal's certificate or the authority that signed it. Every method raises ApiError, and
    urllib.error.URLError where there is no terminal.
    """

    def __init__(
        self, base_url: str, api_key: str, *, ca_file: str | None = None, secret: str | None = None, timeout: float = 30
    ) -> None:
        self._base_url, self._api_key, self._secret, self._timeout = base_url.rstrip("/"), api_key, secret, timeout
        self._tls = ssl.create_default_context(cafile=ca_file) if base_url.startswith("https:") else None

    def enrol(self, person_id: str, picture: bytes) -> Person:
        return _person(self._call("POST", f"/person/{_quoted(person_id)}", {"faceImage": _encoded(picture)}))

    def replace(self, person_id: str, picture: bytes) -> Person:
        return _person(self._call("PUT", f"/person/{_quoted(person_id)}", {"faceImage": _encoded(picture)}))

    def person(self, person_id: str) -> Person:
        return _person(self._call("GET", f"/person/{_quoted(person_id)}"))

    def remove(self, person_id: str) -> Person:
        return _person(self._call("DELETE", f"/person/{_quoted(person_id)}"))

    def identify(self, picture: bytes) -> Person:
        """Raises ApiError NF_002 when nobody matches by 98 %."""
        return _person(self._call("POST", "/identify", {"faceImage": _encoded(picture)}))

    def verify(self, person_id: str, picture: bytes) -> Person:
        """Raises ApiError F_010 when the face does not match to 80 %."""
        return _person(self._call("POST", f"/verify/{_quoted(person_id)}", {"faceImage": _encoded(picture)}))

    def compare(self, source: bytes, target: bytes) -> float:
        """The similarity, percent."""
        body = {"sourceImage": _encoded(source), "targetImage": _encoded(target)}
        return float(self._call("POST", "/compare", body)["similarity"])

    def status(self) -> dict[str, Any]:
        return self._call("GET", "/device/status")

    def events(self) -> Iterator[dict[str, Any]]:
        """What happens at the terminal, live; ends when the terminal ends it (after ten minutes): ask again."""
        with self._open("GET", "/device/events/stream", b"") as stream:
            for line in stream:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    def metrics(self) -> str:
        """Prometheus' text."""
        with self._open("GET", "/metrics", b"") as answer:
            return str(answer.read().decode())

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        with self._open(method, path, b"" if body is None else json.dumps(body).encode()) as answer:
            decoded: dict[str, Any] = json.load(answer)
            return decoded

    def _open(self, method: str, path: str, content: bytes) -> Any:
        headers = {
            "Api-Key": self._api_key,
            "Content-Type": "application/json",
            **self._signature(method, path, content),
        }
        request = urllib.request.Request(self._base_url + path, content or None, headers, method=method)
        try:
            return urllib.request.urlopen(request, timeout=self._timeout, context=self._tls)
        except urllib.error.HTTPError as error:
            with error:
                failure = json.load(error)
                request_id = error.headers.get("Request-Id", "")
            raise ApiError(error.code, failure["code"], failure["message"], request_id) from None

    def _signature(self, method: str, path: str, content: bytes) -> dict[str, str]:
        if self._secret is None:
            return {}
        at, nonce = str(int(time.time())), secrets.token_hex(16)
        text = "\n".join((method, path, at, nonce, hashlib.sha256(content).hexdigest()))
        signature = hmac.digest(self._secret.encode(), text.encode(), "sha256")
        return {
            "Signature-Timestamp": at,
            "Signature-Nonce": nonce,
            "Signature-Algorithm": "hmac-sha256",
            "Signature": base64.b64encode(signature).decode(),
        }


def _encoded(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def _quoted(person_id: str) -> str:
    return urllib.parse.quote(person_id, safe="")


def _person(answer: dict[str, Any]) -> Person:
    return Person(answer["personId"], answer["created"], answer["updated"])
