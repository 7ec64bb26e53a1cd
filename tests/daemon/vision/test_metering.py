import numpy as np

from daemon.vision.metering import FaceMetering
from hw.camera import Frame, Region
from models.detector import Face
from models.geometry import Box


def test_the_face_is_metered_a_few_times_a_second_within_the_picture() -> None:
    image = np.full((480, 640, 3), 50, np.uint8)
    image[:200, 500:] = 90
    told: list[tuple[Region | None, float]] = []
    now = [0.0]
    metering = FaceMetering(meter=lambda region, luma: told.append((region, luma)), clock=lambda: now[0])
    frame = Frame(image=image, captured=0.0, wall=0.0, sequence=0)
    face = Face(box=Box(520, -20, 200, 180), score=0.9, keypoints=np.zeros((6, 2), np.float32))
    for _ in range(30):
        metering.saw(frame, face)
        now[0] += 1 / 30
    assert len(told) in (3, 4)
    assert set(told) == {(Region(520, 0, 120, 160), 90.0)}
    told.clear()
    for _ in range(30):
        now[0] += 1
        metering.saw(frame, None)
    assert told == [(None, 0.0)]


def test_a_face_outside_the_picture_is_not_metered() -> None:
    told: list[Region | None] = []
    frame = Frame(image=np.zeros((480, 640, 3), np.uint8), captured=0.0, wall=0.0, sequence=0)
    face = Face(box=Box(700, 100, 50, 50), score=0.9, keypoints=np.zeros((6, 2), np.float32))
    FaceMetering(meter=lambda region, _: told.append(region), clock=lambda: 0.0).saw(frame, face)
    assert told == []
