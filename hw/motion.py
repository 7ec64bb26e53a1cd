"""Whether something moves in front of a camera, told from the same few points of a picture that its health is."""

import numpy as np
from numpy.typing import NDArray

from hw.picture_health import Sample

# Noise of a dim picture has a standard deviation of up to 8; a person's clothes and face differ from a wall by more.
CHANGED_LUMA = 28
CHANGED_POINTS = 0.006
# The scene that motion stands out from follows daylight within seconds, but no person who stands a moment.
LEARNING = 0.05


class Motion:
    """Compares each picture with the scene as it was lately, made even for a change of light that is all over it."""

    def __init__(self) -> None:
        self._scene: NDArray[np.float32] | None = None

    def update(self, picture: Sample) -> bool:
        """Whether enough points differ from the scene. The first picture, or one of another size, is motion."""
        green = picture.points[:, :, 1].astype(np.float32)
        scene = self._scene
        if scene is None or scene.shape != green.shape:
            self._scene = green
            return True
        difference = green - scene
        difference -= np.median(difference)
        moved = float(np.mean(np.abs(difference) > CHANGED_LUMA)) >= CHANGED_POINTS
        scene += LEARNING * (green - scene)
        return moved
