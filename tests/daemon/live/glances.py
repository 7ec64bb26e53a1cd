"""Glances without pixels: what vision would hand on of frames that nobody filmed."""

import numpy as np

from daemon.types import Decision, Glance, Observation, Prompt, Reason, TrackedFace
from hw.camera import Frame
from models.detector import Face
from models.geometry import Box
from models.landmarks import Mesh

IMAGE = np.zeros((480, 640, 3), np.uint8)


def frame(captured: float = 0.0, *, sequence: int = 0, image: np.ndarray = IMAGE) -> Frame:
    return Frame(image=image, captured=captured, wall=captured, sequence=sequence)


def face(height: float = 200.0, *, left: float = 100.0, track_id: int = 1) -> TrackedFace:
    box = Box(left, 50, height, height)
    return TrackedFace(track_id, Face(box=box, score=0.9, keypoints=np.zeros((6, 2), np.float32)), first_seen=0.0)


def mesh(presence: float = 1.0) -> Mesh:
    return Mesh(points=np.zeros((468, 2), np.float32), depth=np.zeros(468, np.float32), presence=presence)


def seen(
    *,
    at: float = 0.0,
    fault: Reason | None = None,
    presence: float | None = 1.0,
    faces: tuple[TrackedFace, ...] = (face(),),
    outcome: Decision | Prompt | None = None,
) -> Glance:
    """Somebody who is looked at; `presence` None: the mesh network sees no face."""
    shown = None if presence is None else mesh(presence)
    return Glance(frame(at), faces, Observation(1, at, fault=fault, mesh=shown), outcome)


def nobody(at: float = 0.0) -> Glance:
    return Glance(frame(at))
