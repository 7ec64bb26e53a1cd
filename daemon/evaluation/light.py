"""What the light on the faces is like and what would mend it. Pure."""

from collections.abc import Sequence

import numpy as np

from daemon.config.settings import QualityLimits

# Standard deviation of the luma within a face's box: of the evaluation's frames nearly all have 30 and more.
FLAT_CONTRAST = 15.0
AGAINST_THE_LIGHT = 60.0


def light_advice(
    *, brightness: Sequence[float], contrast: Sequence[float], scene_luma: float | None, limits: QualityLimits
) -> tuple[str, ...]:
    """Sentences on faces of such mean luma and contrast (0..255), in a scene of such a mean; none when all is well."""
    if not brightness:
        return _nobody(scene_luma, limits)
    face, flat = float(np.median(brightness)), float(np.median(contrast))
    found = []
    if face < limits.min_brightness:
        found.append(
            f"the faces are at {face:.0f} of 255 (at least {limits.min_brightness:.0f} is needed): add light from the "
            "front, or an infrared lamp with a camera without infrared filter (NoIR)"
        )
    elif face > limits.max_brightness:
        found.append(
            f"the faces are at {face:.0f} of 255 (at most {limits.max_brightness:.0f}): less direct light, or a lamp "
            "further away"
        )
    if scene_luma is not None and scene_luma - face > AGAINST_THE_LIGHT:
        found.append(
            f"the faces are {scene_luma - face:.0f} darker than the scene: the camera looks against the light; turn it "
            "away from windows, or light the faces"
        )
    if flat < FLAT_CONTRAST:
        found.append(f"the faces are flat (contrast {flat:.0f} of 255): clean the lens, shade it from lamps beside it")
    return tuple(found)


def _nobody(scene_luma: float | None, limits: QualityLimits) -> tuple[str, ...]:
    if scene_luma is None or scene_luma >= limits.min_brightness:
        return ()
    return (
        f"the scene is at {scene_luma:.0f} of 255 and no face was found in it: add light, or an infrared lamp with a "
        "camera without infrared filter (NoIR)",
    )
