"""Requests that are not what they should be: each gets its code, and the terminal goes on."""

import base64
import io
import re
import struct
import zlib
from collections.abc import Callable

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from models.geometry import Image
from tests.daemon.api.rig import LONG, Served, encoded, jpeg
from tests.daemon.mosquitto import wait_until

Send = Callable[..., httpx.Response]
JSON = {"Content-Type": "application/json"}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def picture(client: httpx.Client, content: bytes) -> tuple[int, str]:
    """What /identify answers to a picture of these bytes."""
    return code(client.post("/identify", json={"faceImage": base64.b64encode(content).decode()}))


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header promises so many pixels, of which few bytes make the lot."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def huge(kind: str) -> bytes:
    out = io.BytesIO()
    Pillow.new("L" if kind != "WEBP" else "RGB", (8000, 8000)).save(out, kind)
    return out.getvalue()


def huge_jpeg() -> bytes:
    small = bytearray(base64.b64decode(jpeg(np.zeros((64, 64, 3), np.uint8))))
    place = small.index(b"\xff\xc0") + 5
    small[place : place + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(small)


@pytest.mark.parametrize("body", [b"", b"{", b"no", b'{"faceImage": "\xff"}', b"[" * 5000, b'{"faceImage": 1e}'])
def test_what_is_no_json_is_told_as_such(client: httpx.Client, body: bytes) -> None:
    assert code(client.post("/identify", content=body, headers=JSON)) == (400, "R_001")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "text",
        {"faceImage": None},
        {"faceImage": 7},
        {"faceImage": ["x"]},
        {"faceImage": "AAAA", "more": 1},
        {"face_image": "AAAA"},
        {"sourceImage": "AAAA"},
    ],
)
def test_wrong_fields_are_told_as_such(client: httpx.Client, body: object) -> None:
    answer = client.post("/identify", json=body)
    assert code(answer) == (400, "R_002")
    assert answer.json()["message"].startswith("Request body exception")


@pytest.mark.parametrize("threshold", ["80", -1, 100.5, True, None, [80]])
def test_a_threshold_outside_0_to_100_is_refused(client: httpx.Client, threshold: object) -> None:
    body = {"sourceImage": "AAAA", "targetImage": "AAAA", "similarityThreshold": threshold}
    answer = client.post("/compare", json=body)
    assert code(answer) == (400, "R_002")
    assert "similarityThreshold" in answer.json()["message"]


@pytest.mark.parametrize("text", ["AAA", "A===", "%%%%", "AAAA AAAA", "data:image/png,AAAA", "ÄÖÜ", "_-_-", "=AAA"])
def test_what_is_no_base64_is_told_as_such(client: httpx.Client, text: str) -> None:
    assert code(client.post("/identify", json={"faceImage": text})) == (400, "R_003")


def test_what_is_no_picture_is_told_as_such(client: httpx.Client, grace: Image) -> None:
    gif = io.BytesIO()
    Pillow.new("RGB", (64, 64)).save(gif, "GIF")
    assert picture(client, b"") == (400, "R_004")
    assert picture(client, b"hello") == (400, "R_004")
    assert picture(client, b"<svg xmlns='http://www.w3.org/2000/svg'/>") == (400, "R_004")
    assert picture(client, b"%PDF-1.7\n" + base64.b64decode(jpeg(grace))) == (400, "R_004")
    assert picture(client, gif.getvalue()) == (400, "R_004")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_truncated_pictures_are_refused(client: httpx.Client, grace: Image, suffix: str, share: float) -> None:
    whole = base64.b64decode(encoded(grace, suffix))
    assert picture(client, whole[: int(len(whole) * share)]) == (400, "R_004")


@pytest.mark.parametrize(
    "bomb",
    [lambda: png_of(60_000, 60_000), huge_jpeg, lambda: huge("PNG"), lambda: huge("WEBP"), lambda: huge("BMP")[:70]],
    ids=["PNG header", "JPEG header", "PNG", "WebP", "BMP header"],
)
def test_bombs_are_refused_before_they_are_decoded(client: httpx.Client, bomb: Callable[[], bytes]) -> None:
    assert picture(client, bomb()) == (413, "R_005")


def test_a_polyglot_is_the_picture_that_it_begins_with(client: httpx.Client, grace: Image) -> None:
    polyglot = base64.b64decode(jpeg(grace)) + b"PK\x03\x04<script>alert(1)</script>" + b"GIF89a"
    body = {"sourceImage": base64.b64encode(polyglot).decode(), "targetImage": jpeg(grace)}
    assert client.post("/compare", json=body).json() == {"similarity": 100.0}


def test_exif_turns_the_picture_upright(client: httpx.Client, grace: Image) -> None:
    lying = Pillow.fromarray(np.ascontiguousarray(np.rot90(grace)[:, :, ::-1]))
    exif = Pillow.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    lying.save(out, "JPEG", exif=exif, quality=95)
    body = {"sourceImage": base64.b64encode(out.getvalue()).decode(), "targetImage": jpeg(grace)}
    assert client.post("/compare", json=body).json()["similarity"] > 98


def test_ten_megabytes_are_read_and_more_are_not(client: httpx.Client) -> None:
    assert picture(client, b"x" * 10_000_000) == (400, "R_004")
    assert picture(client, b"x" * (10 * 1024 * 1024 + 1)) == (413, "R_005")


def test_a_body_beyond_the_limit_is_refused_stated_or_not(client: httpx.Client) -> None:
    too_much = b'{"faceImage": "' + b"A" * (14 * 1024 * 1024) + b'"}'
    assert code(client.post("/identify", content=too_much, headers=JSON)) == (413, "R_005")
    pieces = (too_much[start : start + 65_536] for start in range(0, len(too_much), 65_536))
    assert code(client.post("/identify", content=pieces, headers=JSON)) == (413, "R_005")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/console/login"), ("POST", "/device/door"), ("DELETE", "/person/nobody")]
)
def test_without_pictures_a_small_body_is_all_that_is_read(client: httpx.Client, method: str, path: str) -> None:
    over = b" " * (64 * 1024 + 1)
    assert code(client.request(method, path, content=over, headers=JSON)) == (413, "R_005")
    pieces = (over[start : start + 4096] for start in range(0, len(over), 4096))
    assert code(client.request(method, path, content=pieces, headers=JSON)) == (413, "R_005")
    assert client.request(method, path, content=over[:-1], headers=JSON).status_code in {400, 404}


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded", "image/jpeg"])
def test_another_media_type_is_refused(client: httpx.Client, media_type: str) -> None:
    answer = client.post("/identify", content=b"{}", headers={"Content-Type": media_type})
    assert code(answer) == (415, "R_008")


def test_the_media_type_may_have_parameters(client: httpx.Client) -> None:
    answer = client.post("/identify", content=b"{}", headers={"Content-Type": "Application/JSON; charset=utf-8"})
    assert code(answer) == (400, "R_002")


@pytest.mark.parametrize(
    "written",
    ["%20", "a%20b", "a%2Fb", "..%2F..%2Fetc%2Fpasswd", "a/b", "%00", "a%0Ab", "%C3%A4", "%FF", "a%3Fb", "a" * 129, ""],
)
def test_odd_person_ids_are_told_as_such(client: httpx.Client, written: str) -> None:
    assert code(client.get(f"/person/{written}")) == (400, "R_006")


@pytest.mark.parametrize("person_id", ["a", "...", "a@b.example", "a:b_c-d", "0" * 128, "-", "%61"])
def test_every_character_that_is_allowed_is_taken(client: httpx.Client, person_id: str) -> None:
    assert code(client.get(f"/person/{person_id}")) == (404, "NF_001")


@hypothesis_settings(max_examples=60)
@given(person_id=st.text(min_size=1, max_size=20))
def test_any_text_is_a_person_id_or_is_refused(client: httpx.Client, person_id: str) -> None:
    written = "".join(f"%{byte:02X}" for byte in person_id.encode("utf-8", "surrogatepass"))
    good = re.fullmatch(r"[A-Za-z0-9._:@-]{1,128}", person_id)
    assert code(client.get(f"/person/{written}")) == ((404, "NF_001") if good else (400, "R_006"))


@pytest.mark.parametrize("path", ["/", "/persons/", "/person", "/identify/", "/device", "/..%2f", "/docs/../etc"])
def test_there_is_nothing_else(client: httpx.Client, path: str) -> None:
    assert code(client.get(path)) == (404, "NF_003")


def test_another_method_is_refused_with_those_that_work(client: httpx.Client) -> None:
    answer = client.patch("/person/anna")
    assert code(answer) == (405, "R_009")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "PUT", "DELETE"}


def test_every_answer_carries_a_request_id(client: httpx.Client) -> None:
    assert client.get("/person/nobody", headers={"Request-Id": "order-17.a"}).headers["Request-Id"] == "order-17.a"
    made = {client.get("/nowhere", headers={"Request-Id": given}).headers["Request-Id"] for given in ("a b", "x" * 65)}
    assert len(made) == 2
    assert all(re.fullmatch(r"[0-9a-f-]{36}", one) for one in made)


def test_who_would_rather_speak_http_2_or_websocket_is_answered(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    for wish in ("h2c", "websocket"):
        wishes = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": wish, "HTTP2-Settings": "AAEAAEAAAAIAAAAA"}
        assert [client.get("/health/live", headers=wishes).status_code for _ in range(2)] == [200, 200]
        assert code(client.post("/identify", json={"faceImage": "%"}, headers=wishes)) == (400, "R_003")
    assert "pgrade" not in caplog.text


def test_nothing_a_caller_sends_ends_a_line_of_the_log(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    answer = client.get("/person/a%0d%0aCRITICAL%20root%3a", headers={"Request-Id": "one\ttwo"})
    request_id = answer.headers["Request-Id"]

    def logged() -> list[str]:
        return [record.getMessage() for record in caplog.records if request_id in record.getMessage()]

    wait_until(lambda: bool(logged()), "a line on the call, which is written after its answer")
    mine = logged()
    assert len(mine) == 1
    assert "/person/a%0d%0aCRITICAL%20root%3a 400" in mine[0]
    assert "\n" not in mine[0]


@pytest.mark.parametrize(
    ("path", "level"),
    [("/person/nobody", "INFO"), ("/health/live", "DEBUG"), ("/metrics", "DEBUG"), ("/nowhere", "INFO")],
)
def test_what_is_polled_and_went_well_is_told_to_who_looks_for_mistakes(
    client: httpx.Client, caplog: pytest.LogCaptureFixture, path: str, level: str
) -> None:
    caplog.set_level("DEBUG")
    request_id = client.get(path).headers["Request-Id"]

    def levels() -> list[str]:
        return [record.levelname for record in caplog.records if f"request {request_id}" in record.getMessage()]

    wait_until(lambda: bool(levels()), "a line on the call, which is written after its answer")
    assert levels() == [level]


def test_an_error_of_ours_tells_nothing_but_the_request_id(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret: the disk is in the cellar")

    monkeypatch.setattr(type(served.terminal.store), "person", fail)
    answer = client.get("/person/anna")
    assert code(answer) == (500, "S_001")
    assert "cellar" not in answer.text
    assert any(
        answer.headers["Request-Id"] in record.getMessage() and "cellar" in record.getMessage()
        for record in caplog.records
    )


def test_head_is_answered_without_a_body(client: httpx.Client) -> None:
    answer = client.head("/health/live", timeout=LONG)
    assert (answer.status_code, answer.content) == (200, b"")
