"""The seven calls of Auther Check as its page describes them, and each criterion by a real picture."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from daemon.config.settings import QualityLimits
from daemon.vision.recogniser import Recogniser
from models.geometry import Image
from models.suite import Suite
from tests.daemon.api.rig import beside, encoded, jpeg, serving
from tests.helpers import variants

Spoil = Callable[[Image], Image]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def blank(*_: Image) -> Image:
    return np.full((240, 320, 3), 128, np.uint8)


def twice(face: Image) -> Image:
    head = face[:560, 180:740]
    return beside(head, head)


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The message of an answer that must be this refusal."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().keys() == {"code", "type", "message"}
    assert answer.headers["Request-Id"]
    return str(answer.json()["message"])


def test_a_person_from_enrolment_to_erasure(client: httpx.Client, grace: Image) -> None:
    body = {"faceImage": jpeg(grace)}
    created = client.post("/person/life", json=body)
    assert created.status_code == 200
    assert created.json().keys() == {"personId", "created", "updated"}
    assert created.json()["personId"] == "life"
    assert TIME.fullmatch(created.json()["created"])
    assert client.get("/person/life").json() == created.json()
    replaced = client.put("/person/life", json=body)
    assert replaced.status_code == 200
    assert replaced.json()["created"] == created.json()["created"]
    assert replaced.json()["updated"] > created.json()["updated"]
    removed = client.delete("/person/life")
    assert (removed.status_code, removed.json()) == (200, {**replaced.json(), "receipt": removed.json()["receipt"]})
    assert refused(client.get("/person/life"), 404, "NF_001") == "Face not found in collection"


@pytest.mark.parametrize("call", ["get", "delete", "put", "verify"])
def test_an_unknown_person_is_not_found(client: httpx.Client, grace: Image, call: str) -> None:
    path, body = "/person/nobody", {"faceImage": jpeg(grace)}
    answers: dict[str, Callable[[], httpx.Response]] = {
        "get": lambda: client.get(path),
        "delete": lambda: client.delete(path),
        "put": lambda: client.put(path, json=body),
        "verify": lambda: client.post("/verify/nobody", json=body),
    }
    assert refused(answers[call](), 404, "NF_001") == "Face not found in collection"


def test_a_taken_id_is_refused(client: httpx.Client, enrolled: str, grace: Image) -> None:
    refused(client.post(f"/person/{enrolled}", json={"faceImage": jpeg(grace)}), 400, "R_007")


def test_identify_names_the_person(client: httpx.Client, enrolled: str, grace: Image) -> None:
    answer = client.post("/identify", json={"faceImage": jpeg(grace[:, ::-1])})
    assert (answer.status_code, answer.json()["personId"]) == (200, enrolled)


def test_identify_answers_gone_where_nobody_matches(client: httpx.Client, enrolled: str, astronaut: Image) -> None:
    refused(client.post("/identify", json={"faceImage": jpeg(astronaut)}), 410, "NF_002")


def test_verify_succeeds_for_the_person_and_nobody_else(
    client: httpx.Client, enrolled: str, grace: Image, astronaut: Image
) -> None:
    answer = client.post(f"/verify/{enrolled}", json={"faceImage": jpeg(grace)})
    assert (answer.status_code, answer.json()["personId"]) == (200, enrolled)
    refused(client.post(f"/verify/{enrolled}", json={"faceImage": jpeg(astronaut)}), 400, "F_010")


def test_compare_gives_the_calibrated_similarity(client: httpx.Client, grace: Image, astronaut: Image) -> None:
    def similarity(one: Image, other: Image, **more: float) -> float:
        body = {"sourceImage": jpeg(one), "targetImage": jpeg(other), **more}
        answer = client.post("/compare", json=body)
        assert answer.status_code == 200, answer.text
        return float(answer.json()["similarity"])

    assert similarity(grace, grace) == 100
    assert 90 < similarity(grace, grace[:, ::-1]) < 100
    different = similarity(grace, astronaut)
    assert different < 60
    assert similarity(grace, astronaut, similarityThreshold=98) == different


def test_compare_takes_the_largest_face_of_the_target(client: httpx.Client, grace: Image, astronaut: Image) -> None:
    crowd = beside(grace, np.vstack([astronaut, np.full_like(astronaut, 90)]))
    body = {"sourceImage": jpeg(grace), "targetImage": jpeg(crowd)}
    assert client.post("/compare", json=body).json()["similarity"] > 90


@pytest.mark.parametrize(("field", "other"), [("sourceImage", "targetImage"), ("targetImage", "sourceImage")])
def test_compare_says_which_picture_has_no_face(client: httpx.Client, grace: Image, field: str, other: str) -> None:
    message = refused(client.post("/compare", json={field: jpeg(blank()), other: jpeg(grace)}), 400, "F_001")
    assert message.startswith(field)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (blank, "F_001"),
        (twice, "F_002"),
        (lambda face: variants.scaled(face, 0.3), "F_003"),
        (lambda face: variants.turned(face, 50, (face.shape[1] / 2, face.shape[0] / 2)), "F_004"),
        (lambda face: variants.blurred(face, 6), "F_005"),
        (lambda face: variants.lit(face, 0.12), "F_006"),
        (lambda face: variants.lit(face, 0.08, 235), "F_006"),
    ],
    ids=["nobody", "two", "small", "tilted", "blurred", "dark", "bright"],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.usefixtures("enrolled")
def test_each_criterion_of_enrolment_is_named(
    client: httpx.Client, astronaut: Image, spoil: Spoil, code: str, method: str
) -> None:
    path = "/person/spoilt" if method == "POST" else "/person/grace"
    body = {"faceImage": encoded(spoil(variants.scaled(astronaut, 2)), ".png")}
    message = refused(client.request(method, path, json=body), 400, code)
    assert message.startswith("faceImage: ")


def test_covered_eyes_are_refused(tmp_path: Path, suite: Suite, grace: Image) -> None:
    # Drawn lids look half open to the mesh; what is tested is the way to the code.
    recogniser = Recogniser(suite=suite, limits=QualityLimits(min_eye_opening=0.22))
    covered = variants.eyes_covered(grace, recogniser.view(grace, recogniser.detect(grace)[0]).mesh)
    with serving(tmp_path, recogniser) as strict, strict.client() as client:
        refused(client.post("/person/asleep", json={"faceImage": encoded(covered, ".png")}), 400, "F_007")


def test_a_face_of_somebody_else_is_named(client: httpx.Client, enrolled: str, grace: Image) -> None:
    message = refused(client.post("/person/impostor", json={"faceImage": jpeg(grace[:, ::-1])}), 400, "F_009")
    assert enrolled in message


def test_only_live_faces_where_the_configuration_says_so(
    tmp_path: Path, recogniser: Recogniser, grace: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, recogniser, live_only=True) as strict, strict.client() as client:
        monkeypatch.setattr(Recogniser, "liveness", lambda *_: 0.2)
        refused(client.post("/person/mask", json={"faceImage": jpeg(grace)}), 400, "F_008")
        monkeypatch.setattr(Recogniser, "liveness", lambda *_: 0.9)
        assert client.post("/person/mask", json={"faceImage": jpeg(grace)}).status_code == 200


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_every_format_is_taken_with_and_without_a_prefix(client: httpx.Client, grace: Image, suffix: str) -> None:
    plain = encoded(grace, suffix)
    wrapped = base64.encodebytes(base64.b64decode(plain)).decode()
    for picture in (plain, f"data:image/{suffix[1:]};base64,{plain}", wrapped):
        answer = client.post("/compare", json={"sourceImage": picture, "targetImage": plain})
        assert answer.json() == {"similarity": 100.0}


def test_probes_need_no_more_than_a_face(client: httpx.Client, enrolled: str, grace: Image) -> None:
    tiny = variants.scaled(grace, 0.3)
    refused(client.post("/person/tiny", json={"faceImage": encoded(tiny, ".png")}), 400, "F_003")
    assert client.post(f"/verify/{enrolled}", json={"faceImage": encoded(tiny, ".png")}).status_code == 200
