import pytest

from daemon.config.settings import QualityLimits
from daemon.evaluation.light import light_advice


@pytest.mark.parametrize(
    ("face", "contrast", "scene", "words"),
    [
        (110.0, 40.0, 120.0, ()),
        (28.0, 20.0, 60.0, ("the faces are at 28 of 255 (at least 40 is needed): add light",)),
        (220.0, 30.0, 200.0, ("the faces are at 220 of 255 (at most 200): less direct light",)),
        (70.0, 40.0, 180.0, ("the faces are 110 darker than the scene: the camera looks against the light",)),
        (110.0, 8.0, 120.0, ("the faces are flat (contrast 8 of 255): clean the lens",)),
        (30.0, 9.0, 150.0, ("the faces are at 30", "the faces are 120 darker", "the faces are flat")),
    ],
)
def test_what_would_mend_the_light(face: float, contrast: float, scene: float, words: tuple[str, ...]) -> None:
    advice = light_advice(brightness=[face] * 3, contrast=[contrast] * 3, scene_luma=scene, limits=QualityLimits())
    assert len(advice) == len(words)
    assert all(text.startswith(word) for text, word in zip(advice, words, strict=True))


@pytest.mark.parametrize(("scene", "told"), [(12.0, True), (90.0, False), (None, False)])
def test_where_it_is_too_dark_to_find_a_face(scene: float | None, told: bool) -> None:
    advice = light_advice(brightness=[], contrast=[], scene_luma=scene, limits=QualityLimits())
    assert bool(advice) is told
    assert not told or "infrared lamp" in advice[0]
