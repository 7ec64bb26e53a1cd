"""How good a face is as a reference, as one number: the share that every measure leaves of the best picture's 1."""

from models.quality import Quality

# From here on more of it adds nothing to an aligned face of 112 pixels.
_SIZE_PX = 224.0
_SHARPNESS = 150.0
_EYE_OPENING = 0.25
# All but 2 % of LFW's pictures have as much.
_EYE_CONTRAST = 0.35
_LIP_CONTRAST = 0.12
# A turn by so much halves a picture's worth.
_HALVING_DEG = 30.0
_BRIGHTNESS = 128.0


def merit(quality: Quality) -> float:
    """0 (worthless) to 1: size, pose, sharpness, light, open eyes and a bare face multiplied: one bad measure shows.

    A measure that is no number makes it 0.
    """
    turn = (quality.yaw_deg**2 + quality.pitch_deg**2) ** 0.5
    # Roll is taken out by the alignment; light is lost on both sides of the middle.
    light = 1 - (quality.brightness / _BRIGHTNESS - 1) ** 2
    product = (
        _share(quality.size_px / _SIZE_PX)
        * 0.5 ** ((turn / _HALVING_DEG) ** 2)
        * _share(quality.sharpness / _SHARPNESS) ** 0.5
        * _share(light)
        * _share(quality.eye_opening / _EYE_OPENING) ** 0.5
        * _share(quality.eye_contrast / _EYE_CONTRAST) ** 0.5
        * _share(quality.lip_contrast / _LIP_CONTRAST) ** 0.5
    )
    return _share(product)


def _share(value: float) -> float:
    return min(1.0, value) if value > 0 else 0.0
