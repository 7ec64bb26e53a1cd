"""The kernel's files as they were read on boards, drawn in a folder."""

from pathlib import Path

import pytest

from daemon.heat import RASPBERRY, Heat, read_heat

ZONE = "sys/class/thermal/thermal_zone0/"
COOLER = "sys/class/thermal/cooling_device0/"
POLICY = "sys/devices/system/cpu/cpufreq/policy0/"
COOL = {f"{ZONE}temp": "45000", f"{ZONE}type": "cpu-thermal"}


def board(root: Path, files: dict[str, str]) -> Heat:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return read_heat(root=root)


def test_a_board_that_tells_nothing(tmp_path: Path) -> None:
    assert read_heat(root=tmp_path) == Heat(None)
    assert not read_heat(root=tmp_path).throttled


def test_the_hottest_zone_counts_and_one_that_fails_does_not(tmp_path: Path) -> None:
    zones = {"sys/class/thermal/thermal_zone1/temp": "51250", "sys/class/thermal/thermal_zone2/temp": "invalid"}
    assert board(tmp_path, COOL | zones) == Heat(51.25)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {f"{ZONE}temp": "86000", f"{ZONE}trip_point_0_type": "passive", f"{ZONE}trip_point_0_temp": "85000"},
            "cpu-thermal is at 86 °C, beyond its limit of 85",
        ),
        ({f"{ZONE}trip_point_0_type": "passive", f"{ZONE}trip_point_0_temp": "85000"}, None),
        ({f"{ZONE}trip_point_0_type": "active", f"{ZONE}trip_point_0_temp": "40000"}, None),
        ({f"{ZONE}trip_point_0_type": "hot", f"{ZONE}trip_point_0_temp": "-274000"}, None),
        ({f"{COOLER}type": "cpufreq-cpu0", f"{COOLER}cur_state": "2"}, "cpufreq-cpu0 is slowed down to keep cool"),
        ({f"{COOLER}type": "Processor", f"{COOLER}cur_state": "1"}, "Processor is slowed down to keep cool"),
        ({f"{COOLER}type": "pwm-fan", f"{COOLER}cur_state": "3"}, None),
        ({RASPBERRY: "0"}, None),
        ({RASPBERRY: "50000"}, None),
        ({RASPBERRY: "50005"}, "the supply's voltage is too low, throttled"),
        ({RASPBERRY: "0x8"}, "the soft limit is reached"),
        ({RASPBERRY: "what"}, None),
        ({f"{POLICY}scaling_max_freq": "600000", f"{POLICY}cpuinfo_max_freq": "1500000"}, None),
        (
            {
                f"{ZONE}temp": "81000",
                f"{POLICY}scaling_max_freq": "600000",
                f"{POLICY}cpuinfo_max_freq": "1500000",
            },
            "the clock may reach 600 of 1500 MHz",
        ),
    ],
)
def test_why_it_is_slow(tmp_path: Path, files: dict[str, str], reason: str | None) -> None:
    heat = board(tmp_path, COOL | files)
    assert ", ".join(heat.reasons) == (reason or "")
    assert heat.throttled is (reason is not None)
