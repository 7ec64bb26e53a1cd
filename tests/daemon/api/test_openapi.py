"""The description against the terminal: what is documented is what happens, whatever is sent."""

import httpx
import pytest
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# One answers only when somebody stands at the camera, the other only when the client leaves.
WAITING = {"enrolAtCamera", "streamEvents"}


@pytest.fixture(scope="module")
def description(client: httpx.Client) -> dict[str, object]:
    document: dict[str, object] = client.get("/openapi.json").json()
    return document
