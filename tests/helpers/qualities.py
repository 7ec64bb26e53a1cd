"""What is measured on a face that nothing is wrong with."""

from models.quality import Quality

GOOD = Quality(
    size_px=200,
    yaw_deg=0,
    pitch_deg=0,
    roll_deg=0,
    sharpness=300,
    brightness=120,
    eye_opening=0.3,
    lip_contrast=0.3,
    eye_contrast=0.6,
)
