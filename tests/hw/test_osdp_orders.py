"""libosdp's commands as values."""

import pytest

from hw.osdp_orders import BuzzerOrder, EndTemporary, LedOrder, OutputOrder, buzzer_order, led_order, output_order

LED = {"on_count": 5, "off_count": 10, "on_color": 1, "off_color": 3, "timer_count": 30}


@pytest.mark.parametrize(
    ("command", "order"),
    [
        ({**LED, "temporary": False, "control_code": 0}, None),
        ({**LED, "temporary": False, "control_code": 1}, LedOrder("red", "amber", 0.5, 1.0)),
        ({**LED, "temporary": True, "control_code": 0}, None),
        ({**LED, "temporary": True, "control_code": 1}, EndTemporary()),
        ({**LED, "temporary": True, "control_code": 2}, LedOrder("red", "amber", 0.5, 1.0, seconds=3.0)),
        ({**LED, "temporary": False, "control_code": 1, "on_color": 200}, LedOrder("white", "amber", 0.5, 1.0)),
    ],
)
def test_lights(command: dict[str, object], order: object) -> None:
    assert led_order(command) == order


@pytest.mark.parametrize(
    ("code", "order"),
    [(0, None), (1, BuzzerOrder(False, 0.2, 0.1, 3)), (2, BuzzerOrder(True, 0.2, 0.1, 3))],
)
def test_the_buzzer(code: int, order: object) -> None:
    found = buzzer_order({"control_code": code, "on_count": 2, "off_count": 1, "rep_count": 3})
    assert found == order


@pytest.mark.parametrize(
    ("code", "order"),
    [
        (0, None),
        (1, OutputOrder(0, False)),
        (2, OutputOrder(0, True)),
        (3, OutputOrder(0, False)),
        (4, OutputOrder(0, True)),
        (5, OutputOrder(0, True, 5.0)),
        (6, OutputOrder(0, False, 5.0)),
    ],
)
def test_outputs(code: int, order: object) -> None:
    assert output_order({"control_code": code, "output_no": 0, "timer_count": 50}) == order


def test_what_libosdp_never_makes_is_named() -> None:
    with pytest.raises(TypeError, match="expected a number"):
        output_order({"control_code": "on", "output_no": 0})
