"""Temperature and throttling of the board, as the kernel tells them. `root` stands for /.

Thermal zones and cooling devices: https://docs.kernel.org/driver-api/thermal/sysfs-api.html; the bits of a Raspberry
Pi's get_throttled: https://www.raspberrypi.com/documentation/computers/os.html#get_throttled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")
RASPBERRY = "sys/devices/platform/soc/soc:firmware/get_throttled"
NOW = {0: "the supply's voltage is too low", 1: "the clock is capped", 2: "throttled", 3: "the soft limit is reached"}
SLOWING_TRIPS = frozenset({"passive", "hot", "critical"})
# Of a cool board, a limited clock is what its owner wants.
WARM_CELSIUS = 60.0
PROCESSORS = ("cpufreq", "processor", "thermal-cpufreq", "thermal-devfreq")


@dataclass(frozen=True)
class Heat:
    """The hottest zone in °C (None where the board tells none), and why the board runs slower than it could."""

    celsius: float | None
    reasons: tuple[str, ...] = ()

    @property
    def throttled(self) -> bool:
        return bool(self.reasons)


def read_heat(*, root: Path = ROOT) -> Heat:
    """What the board tells now. Raises nothing: what can't be read is not told."""
    zones = [zone for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")) if _celsius(zone) is not None]
    hottest = max((_celsius(zone) or 0.0 for zone in zones), default=None)
    capped = _capped(root) if (hottest or 0.0) >= WARM_CELSIUS else ()
    return Heat(hottest, tuple(dict.fromkeys([*_trips(zones), *_cooling(root), *_raspberry(root), *capped])))


def _celsius(zone: Path) -> float | None:
    millidegrees = _number(zone / "temp")
    return None if millidegrees is None else millidegrees / 1000


def _trips(zones: list[Path]) -> Iterator[str]:
    """Zones at or above a trip point at which the kernel slows the processor."""
    for zone in zones:
        for kind in sorted(zone.glob("trip_point_*_type")):
            limit = _number(kind.with_name(kind.name.replace("_type", "_temp")))
            if _text(kind) not in SLOWING_TRIPS or not limit or limit < 0:
                continue
            celsius = _celsius(zone)
            if celsius is not None and celsius * 1000 >= limit:
                name = _text(zone / "type") or zone.name
                yield f"{name} is at {celsius:.0f} °C, beyond its limit of {limit / 1000:.0f}"


def _cooling(root: Path) -> Iterator[str]:
    for device in sorted((root / "sys/class/thermal").glob("cooling_device*")):
        kind = _text(device / "type") or ""
        if kind.casefold().startswith(PROCESSORS) and (_number(device / "cur_state") or 0) > 0:
            yield f"{kind} is slowed down to keep cool"


def _raspberry(root: Path) -> Iterator[str]:
    text = _text(root / RASPBERRY)
    try:
        bits = int(text or "0", 16)
    except ValueError:
        return
    yield from (meaning for bit, meaning in NOW.items() if bits >> bit & 1)


def _capped(root: Path) -> Iterator[str]:
    """The kernel lowers a policy's limit below what the processor can do; for want of work it doesn't."""
    for policy in sorted((root / "sys/devices/system/cpu/cpufreq").glob("policy*")):
        allowed, possible = _number(policy / "scaling_max_freq"), _number(policy / "cpuinfo_max_freq")
        if allowed and possible and allowed < possible:
            yield f"the clock may reach {allowed / 1000:.0f} of {possible / 1000:.0f} MHz"


def _number(file: Path) -> int | None:
    try:
        return int(_text(file) or "")
    except ValueError:
        return None


def _text(file: Path) -> str | None:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
