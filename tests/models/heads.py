"""Heads and planes drawn in perspective: meshes whose motion is known exactly."""

import numpy as np
from numpy.typing import NDArray

from models.landmarks import Mesh


def head(*, yaw_deg: float, flat: bool, noise: float = 0.0, seed: int = 0) -> Mesh:
    """468 points on half an ellipsoid (or on the plane behind it), turned, in perspective from 5 head radii away."""
    rng = np.random.default_rng(7)
    angles = rng.uniform(-1.2, 1.2, (468, 2))
    solid = np.column_stack(
        (np.sin(angles[:, 0]), 1.3 * np.sin(angles[:, 1]), -np.cos(angles[:, 0]) * np.cos(angles[:, 1]))
    )
    # The eyes' corners must lie where eyes lie: they give the unit.
    solid[[33, 133, 362, 263]] = [[-0.5, -0.3, -0.8], [-0.25, -0.3, -0.85], [0.25, -0.3, -0.85], [0.5, -0.3, -0.8]]
    if flat:
        solid[:, 2] = -0.5
    return Mesh(points=_project(solid, yaw_deg, noise, seed), depth=np.zeros(468, np.float32), presence=1.0)


def _project(solid: NDArray[np.float64], yaw_deg: float, noise: float, seed: int) -> NDArray[np.float32]:
    yaw = np.radians(yaw_deg)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    seen = solid @ turn.T
    points = 200 * seen[:, :2] / (seen[:, 2:] + 5) * 5 + 320
    return (points + np.random.default_rng(seed).normal(0, noise, points.shape)).astype(np.float32)
