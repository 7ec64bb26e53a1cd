"""Signed requests, signed by OpenSSL's own tool, and what becomes of altered and repeated ones."""

import base64
import hashlib
import json
import secrets
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from daemon.keys import Permission
from daemon.signing import Algorithm
from tests.daemon.api.rig import LONG, Served

BODY = b'{"faceImage": "AAAA"}'
PATH = "/verify/nobody?trace=1"


def openssl(*arguments: str, content: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=True).stdout


@dataclass(frozen=True)
class Signer:
    """A client that demands nothing of our code: `digest` is what `openssl dgst` answers to."""

    value: str
    algorithm: str
    digest: tuple[str, ...]
    url: str

    def headers(
        self, *, method: str = "POST", path: str = PATH, body: bytes = BODY, at: int | None = None, nonce: str = ""
    ) -> dict[str, str]:
        at, nonce = int(time.time()) if at is None else at, nonce or secrets.token_hex(8)
        text = f"{method}\n{path}\n{at}\n{nonce}\n{hashlib.sha256(body).hexdigest()}".encode()
        signature = openssl("dgst", "-sha256", *self.digest, "-binary", content=text)
        return {
            "Api-Key": self.value,
            "Signature-Timestamp": str(at),
            "Signature-Nonce": nonce,
            "Signature-Algorithm": self.algorithm,
            "Signature": base64.b64encode(signature).decode(),
        }

    def send(self, headers: dict[str, str], *, path: str = PATH, body: bytes = BODY) -> httpx.Response:
        headers = {"Content-Type": "application/json", **headers}
        return httpx.post(self.url + path, content=body, headers=headers, timeout=LONG)


@pytest.fixture(params=["hmac-sha256", "rsa-sha256"])
def signer(request: pytest.FixtureRequest, served: Served, tmp_path: Path) -> Signer:
    name = f"signer {secrets.token_hex(4)}"
    if request.param == "hmac-sha256":
        made = served.keys.create(name, [Permission.VERIFY], algorithm=Algorithm.HMAC)
        return Signer(made.value, "hmac-sha256", ("-hmac", str(made.secret)), served.url)
    key = tmp_path / "client.pem"
    openssl("genrsa", "-out", str(key), "2048")
    public = openssl("rsa", "-in", str(key), "-pubout").decode()
    made = served.keys.create(name, [Permission.VERIFY], algorithm=Algorithm.RSA, public_key=public)
    return Signer(made.value, "rsa-sha256", ("-sign", str(key)), served.url)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


ADMITTED = (400, "R_004")  # as far as the picture, which is none


def test_a_signed_request_is_admitted_once(signer: Signer) -> None:
    headers = signer.headers()
    assert code(signer.send(headers)) == ADMITTED
    assert code(signer.send(headers)) == (401, "G_003")
    assert code(signer.send(signer.headers())) == ADMITTED


def test_without_signature_a_key_that_demands_one_opens_nothing(signer: Signer) -> None:
    assert code(signer.send({"Api-Key": signer.value})) == (401, "G_001")
    headers = signer.headers()
    for missing in ("Signature", "Signature-Nonce", "Signature-Timestamp", "Signature-Algorithm"):
        assert code(signer.send({name: headers[name] for name in headers if name != missing})) == (401, "G_001")


@pytest.mark.parametrize(
    "alter",
    [
        lambda headers: {"Signature-Nonce": headers["Signature-Nonce"][:-1] + "-"},
        lambda headers: {"Signature-Timestamp": str(int(headers["Signature-Timestamp"]) - 1)},
        lambda headers: {"Signature": base64.b64encode(b"x" * 256).decode()},
        lambda _headers: {"Signature": "not Base64!"},
        lambda _headers: {"Signature-Nonce": "short"},
        lambda _headers: {"Signature-Timestamp": "yesterday"},
        lambda headers: {
            "Signature-Algorithm": "rsa-sha256" if headers["Signature-Algorithm"] == "hmac-sha256" else "hmac-sha256"
        },
        lambda _headers: {"Signature-Algorithm": "none"},
    ],
    ids=["nonce", "time", "signature", "no Base64", "short nonce", "no time", "the other algorithm", "no algorithm"],
)
def test_an_altered_header_is_refused(signer: Signer, alter: Callable[[dict[str, str]], dict[str, str]]) -> None:
    headers = signer.headers()
    assert code(signer.send({**headers, **alter(headers)})) == (401, "G_002")
    assert code(signer.send(headers)) == ADMITTED  # nor did that use up the nonce


def test_an_altered_body_path_or_query_is_refused(signer: Signer) -> None:
    assert code(signer.send(signer.headers(), body=BODY.replace(b"AAAA", b"BBBB"))) == (401, "G_002")
    assert code(signer.send(signer.headers(), path="/verify/somebody?trace=1")) == (401, "G_002")
    assert code(signer.send(signer.headers(), path="/verify/nobody?trace=2")) == (401, "G_002")
    assert code(signer.send(signer.headers(method="PUT"))) == (401, "G_002")


@pytest.mark.parametrize("seconds", [-400, 400])
def test_an_old_signature_and_one_of_the_future_are_refused(signer: Signer, seconds: int) -> None:
    assert code(signer.send(signer.headers(at=int(time.time()) + seconds))) == (401, "G_003")


def test_the_signature_of_one_key_does_not_serve_another(signer: Signer, served: Served) -> None:
    other = served.keys.create(f"other {secrets.token_hex(4)}", [Permission.VERIFY], algorithm=Algorithm.HMAC)
    assert code(signer.send(replace(signer, value=other.value).headers())) == (401, "G_002")
    plain = served.keys.create(f"plain {secrets.token_hex(4)}", [Permission.VERIFY])
    assert code(signer.send(replace(signer, value=plain.value).headers())) == (401, "G_002")


def test_answers_are_signed_by_the_terminal(signer: Signer, client: httpx.Client, tmp_path: Path) -> None:
    sent = signer.headers()
    answer = signer.send(sent)
    assert answer.headers["Signature-Algorithm"] == "rsa-sha256"
    assert answer.headers["Signature-Nonce"] == sent["Signature-Nonce"]
    digest = hashlib.sha256(answer.content).hexdigest()
    lines = (answer.status_code, answer.headers["Request-Id"], answer.headers["Signature-Timestamp"])
    text = "\n".join(str(line) for line in (*lines, sent["Signature-Nonce"], digest))
    (tmp_path / "public.pem").write_text(client.get("/device/public-key").text)
    (tmp_path / "signature").write_bytes(base64.b64decode(answer.headers["Signature"]))
    verdict = openssl(
        "dgst",
        "-sha256",
        "-verify",
        str(tmp_path / "public.pem"),
        "-signature",
        str(tmp_path / "signature"),
        content=text.encode(),
    )
    assert verdict.strip() == b"Verified OK"


@pytest.mark.parametrize("body", [b"{}", b""])
def test_a_signature_covers_also_a_body_that_is_not_looked_at(served: Served, body: bytes) -> None:
    made = served.keys.create(f"eraser {secrets.token_hex(4)}", [Permission.PERSONS], algorithm=Algorithm.HMAC)
    signer = Signer(made.value, "hmac-sha256", ("-hmac", str(made.secret)), served.url)

    def erase(sent: bytes) -> httpx.Response:
        headers = signer.headers(method="DELETE", path="/person/nobody", body=body)
        return httpx.request("DELETE", f"{served.url}/person/nobody", content=sent, headers=headers, timeout=LONG)

    assert code(erase(body)) == (404, "NF_001")
    assert code(erase(body + b" ")) == (401, "G_002")


def test_unsigned_requests_get_unsigned_answers(client: httpx.Client) -> None:
    assert "Signature" not in client.get("/person/nobody").headers
    assert json.loads(client.get("/person/nobody").text)["code"] == "NF_001"
