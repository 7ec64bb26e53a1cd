"""A served terminal and clients, shared by the tests of the API."""

from collections.abc import Iterator

import httpx
import pytest

from daemon.vision.recogniser import Recogniser
from models.geometry import Image
from tests.daemon.api.rig import Served, jpeg, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("terminal"), recogniser) as served:
        yield served


@pytest.fixture(scope="session")
def client(served: Served) -> Iterator[httpx.Client]:
    """A client that may do everything."""
    with served.client(name="everything") as client:
        yield client


@pytest.fixture
def enrolled(client: httpx.Client, grace: Image) -> Iterator[str]:
    """The id under which Grace Hopper is enrolled."""
    answer = client.post("/person/grace", json={"faceImage": jpeg(grace)})
    assert answer.status_code == 200, answer.text
    yield "grace"
    client.delete("/person/grace")
