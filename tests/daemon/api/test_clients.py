"""The small client and the Postman collection against the terminal."""

from pathlib import Path

import httpx
import pytest

from daemon.keys import Permission
from daemon.signing import Algorithm
from scripts.client import ApiError, Client
from scripts.postman import collection
from tests.daemon.api.rig import Served


@pytest.mark.parametrize("algorithm", [None, Algorithm.HMAC])
def test_the_client_makes_all_seven_calls(
    served: Served, grace_file: Path, astronaut_file: Path, algorithm: Algorithm | None
) -> None:
    made = served.keys.create(f"client {algorithm}"[:40].replace("-", " "), tuple(Permission), algorithm=algorithm)
    client, grace = Client(served.url, made.value, secret=made.secret), grace_file.read_bytes()
    created = client.enrol("client@grace", grace)
    assert client.person("client@grace") == created
    assert client.identify(grace) == client.verify("client@grace", grace) == created
    assert client.compare(grace, astronaut_file.read_bytes()) < 60
    assert client.replace("client@grace", grace).updated > created.updated
    assert client.status()["people"] == 1
    assert client.remove("client@grace").created == created.created
    with pytest.raises(ApiError) as refusal:
        client.person("client@grace")
    assert (refusal.value.status, refusal.value.code) == (404, "NF_001")


def test_the_collection_has_every_call(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()
    made = collection(description)
    requests = [item["request"] for folder in made["item"] for item in folder["item"]]
    assert len(requests) == sum(len(methods) for methods in description["paths"].values())
    assert {"POST", "PUT", "GET", "DELETE"} == {request["method"] for request in requests}
    assert all(request["url"]["raw"].startswith("{{baseUrl}}/") for request in requests)
