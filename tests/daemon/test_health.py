"""Health in a few numbers: the part that tells of sharing; the rest is asked of a whole terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import pytest

from daemon.errors import StoreError
from daemon.gallery.keeper import GalleryKeeper
from daemon.health import HealthReport
from daemon.vision.camera_state import CameraHealth, CameraState
from daemon.vision.loop import VisionLoop


@dataclass
class Vision:
    frames: int = 7
    last_captured: float | None = 99.5


@dataclass
class Gallery:
    @dataclass
    class Snapshot:
        size: int = 3

    current: Snapshot = field(default_factory=Snapshot)
    damaged: tuple[int, ...] = ()


@pytest.fixture
def report() -> HealthReport:
    return HealthReport(
        vision=cast(VisionLoop, Vision()),
        gallery=cast(GalleryKeeper, Gallery()),
        camera=lambda: CameraHealth(CameraState.OK, 0.0, ""),
        clock=lambda: 100.0,
    )


def test_where_nobody_shares_there_is_nothing_to_tell(report: HealthReport) -> None:
    told = report()
    assert told["sharing"] is None
    assert (told["people"], told["frames"], told["frame_age_seconds"]) == (3, 7, 0.5)


def test_the_state_of_sharing_is_told_and_its_failure_too(report: HealthReport) -> None:
    report.sharing = lambda: {"connected": True}
    assert report()["sharing"] == {"connected": True}

    def fail() -> Mapping[str, object]:
        raise StoreError("people.db: gone")

    report.sharing = fail
    assert report()["sharing"] == {"error": "people.db: gone"}
    assert report()["people"] == 3


def test_what_is_stuck_is_told() -> None:
    report = HealthReport(
        vision=cast(VisionLoop, Vision()),
        gallery=cast(GalleryKeeper, Gallery()),
        camera=lambda: CameraHealth(CameraState.OK, 0.0, ""),
        stuck=lambda: {"people": "people.db: another key"},
    )
    assert report()["stuck"] == {"people": "people.db: another key"}
