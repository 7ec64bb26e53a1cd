from collections.abc import Callable
from typing import Any

import pytest

from hw.camera import Image
from hw.errors import EndOfStream
from hw.simulated import SimulatedCamera, SimulatedOutputLine


def test_line_remembers_when_it_was_driven(clock: Any) -> None:
    line = SimulatedOutputLine(clock=clock)
    clock.now = 1001.0
    line.set(True)
    clock.now = 1004.0
    line.set(False)
    line.set(True)
    line.close()

    assert line.history == ((1000.0, False), (1001.0, True), (1004.0, False), (1004.0, True), (1004.0, False))


def test_history_is_a_snapshot_that_can_not_be_changed() -> None:
    line = SimulatedOutputLine()
    before = line.history
    line.set(True)

    assert len(before) == 1
    assert isinstance(line.history, tuple)


def test_history_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw.simulated.REMEMBERED", 3)
    line = SimulatedOutputLine()
    for _ in range(10):
        line.set(True)
    assert len(line.history) == 3


def test_camera_delivers_copies_then_ends(clock: Any, draw: Callable[[int], Image]) -> None:
    image = draw(7)
    camera = SimulatedCamera(images=[image, image], fps=10, clock=clock)
    image[:] = 0
    frames = [camera.read(), camera.read()]

    assert camera.lossless
    assert [frame.captured for frame in frames] == pytest.approx([1000.0, 1000.1])
    assert frames[0].image.any()
    with pytest.raises(EndOfStream):
        camera.read()
