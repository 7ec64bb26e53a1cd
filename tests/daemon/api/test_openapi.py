"""The description against the terminal: what is documented is what happens, whatever is sent."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from daemon.api.failures import CODES
from daemon.vision.camera_state import CameraState
from tests.daemon.api.rig import LONG, Served

EXAMPLES = 20
# One answers only when somebody stands at the camera, the others only when the client leaves.
WAITING = {"enrolAtCamera", "streamEvents", "watchLive"}
# A text that satisfies the schema is not yet a picture, nor an id that of somebody enrolled.
NOT_MEANT = {"positive_data_acceptance"}


@pytest.fixture(scope="module")
def description(client: httpx.Client) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def every_operation(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, methods in description["paths"].items() for method, one in methods.items()]


def exercise(operation: Any, mode: GenerationMode, call: Callable[[Any], None], *, examples: int) -> None:
    """Call an operation with what Hypothesis makes of its description."""

    @settings(
        max_examples=examples,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def try_it(data: st.DataObject) -> None:
        call(data.draw(operation.as_strategy(generation_mode=mode)))

    try_it()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_what_is_documented_is_what_happens(
    served: Served,
    client: httpx.Client,
    description: dict[str, Any],
    mode: GenerationMode,
) -> None:
    # A terminal that sees nothing is not ready, and says so with a status that counts as a server error here.
    served.camera.set(CameraState.OK)
    checks = schemathesis.checks.load_all_checks() or schemathesis.checks.CHECKS.get_all()
    excluded = [check for check in checks if check.__name__ in NOT_MEANT]
    headers = {"Api-Key": client.headers["Api-Key"]}

    def call(case: Any) -> None:
        case.call_and_validate(base_url=served.url, headers=headers, timeout=LONG, excluded_checks=excluded)

    tried = 0
    for result in schemathesis.openapi.from_dict(description).get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] in WAITING:
            continue
        negatable = operation.definition.raw.get("parameters") or operation.definition.raw.get("requestBody")
        if mode is GenerationMode.POSITIVE or negatable:
            exercise(operation, mode, call, examples=EXAMPLES if negatable else 2)
            tried += 1
    assert tried >= (55 if mode is GenerationMode.POSITIVE else 35)


def test_every_code_is_documented_somewhere(description: dict[str, Any]) -> None:
    documented = {
        code
        for _, _, operation in every_operation(description)
        for response in operation["responses"].values()
        for content in response["content"].values()
        for code in content.get("examples", {})
    }
    # These are not of any call in the description.
    assert documented == CODES.keys() - {"R_009", "NF_003", "A_007"}


def test_every_call_says_what_it_does_and_needs(description: dict[str, Any]) -> None:
    for path, method, operation in every_operation(description):
        assert operation["summary"], (path, method)
        assert operation["operationId"]
        if operation.get("security") != []:
            assert {"401", "403", "429", "500"} <= operation["responses"].keys()


def test_the_seven_calls_are_those_of_the_contract(description: dict[str, Any]) -> None:
    calls = {(method, path) for path, method, _ in every_operation(description)}
    assert calls >= {
        ("post", "/person/{person_id}"),
        ("put", "/person/{person_id}"),
        ("get", "/person/{person_id}"),
        ("delete", "/person/{person_id}"),
        ("post", "/identify"),
        ("post", "/verify/{person_id}"),
        ("post", "/compare"),
    }
