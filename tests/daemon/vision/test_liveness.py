"""The cues of a track on synthetic observations, and planarity on the meshes of turned portraits."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from daemon.config.settings import Liveness
from daemon.types import Observation
from daemon.vision.liveness import Cue, CueScore, Presentation, State
from daemon.vision.recogniser import Recogniser
from models.geometry import Image
from tests import recapture
from tests.helpers.qualities import GOOD

LIMITS = Liveness()
QUALITY = replace(GOOD, sharpness=500)


def seen(cue: Cue, frames: Iterable[Observation], limits: Liveness = LIMITS) -> CueScore:
    presentation = Presentation(limits=limits)
    for frame in frames:
        presentation.add(frame)
    return next(score for score in presentation.scores() if score.cue is cue)


def frames(count: int, **values: float | None) -> list[Observation]:
    base: dict[str, float | None] = {"liveness": 0.9, **values}
    return [Observation(1, 10 + index / 30, quality=QUALITY, **base) for index in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cue", "values", "state"),
    [
        (Cue.NETWORK, {"liveness": 0.9}, State.BONA_FIDE),
        (Cue.NETWORK, {"liveness": 0.4}, State.UNKNOWN),
        (Cue.NETWORK, {"liveness": 0.05}, State.ATTACK),
        (Cue.NETWORK, {"liveness": float("nan")}, State.UNKNOWN),
        (Cue.MOIRE, {"moire": 0.0}, State.BONA_FIDE),
        (Cue.MOIRE, {"moire": 0.4}, State.ATTACK),
        (Cue.MOIRE, {"moire": float("nan")}, State.ATTACK),
        (Cue.MOIRE, {"moire": None}, State.UNKNOWN),
        (Cue.DEPTH, {"depth_mm": 14.0}, State.BONA_FIDE),
        (Cue.DEPTH, {"depth_mm": 1.0}, State.ATTACK),
        (Cue.DEPTH, {"depth_mm": None}, State.UNKNOWN),
        (Cue.PLANARITY, {}, State.UNKNOWN),
        (Cue.BLINK, {}, State.UNKNOWN),
    ],
)
def test_what_a_steady_presentation_says(cue: Cue, values: dict[str, float | None], state: State) -> None:
    assert seen(cue, frames(10, **values)).state is state


@pytest.mark.parametrize("cue", [Cue.NETWORK, Cue.MOIRE, Cue.DEPTH])
def test_too_few_frames_say_nothing(cue: Cue) -> None:
    few = frames(LIMITS.min_frames - 1, moire=0.4, depth_mm=14.0)
    assert seen(cue, few).state is State.UNKNOWN


def test_one_striped_frame_is_no_screen() -> None:
    assert seen(Cue.MOIRE, [*frames(8, moire=0.0), *frames(1, moire=0.9)]).state is State.BONA_FIDE


def test_a_blink_is_seen_and_forgotten_with_the_person() -> None:
    presentation = Presentation(limits=LIMITS)
    for frame, opening in zip(frames(20), [0.3] * 10 + [0.1] * 3 + [0.3] * 7, strict=True):
        presentation.add(replace(frame, quality=replace(QUALITY, eye_opening=opening)))
    assert {s.cue: s.state for s in presentation.scores()}[Cue.BLINK] is State.BONA_FIDE
    presentation.forget_proofs()
    assert {s.cue: s.state for s in presentation.scores()}[Cue.BLINK] is State.UNKNOWN


def turned_frames(recogniser: Recogniser, turn: Callable[[float], Image]) -> list[Observation]:
    observations = []
    for index, yaw in enumerate([0, -8, -16, -24, -30, -20, -5, 10, 20, 28, 34, 25, 10]):
        picture = turn(yaw)
        view = recogniser.view(picture, recogniser.detect(picture)[0])
        observations.append(Observation(1, 10 + index / 5, quality=view.quality, mesh=view.mesh, liveness=0.9))
    return observations


def test_a_portrait_that_is_turned_as_a_plane_is_an_attack(recogniser: Recogniser, grace: Image) -> None:
    waved = turned_frames(recogniser, lambda yaw: recapture.turned(grace, yaw=yaw, distance=0.8))
    score = seen(Cue.PLANARITY, waved)
    assert score.state is State.ATTACK, score


def test_a_portrait_that_holds_still_tells_nothing_of_planes(recogniser: Recogniser, grace: Image) -> None:
    assert seen(Cue.PLANARITY, turned_frames(recogniser, lambda _: grace)).state is State.UNKNOWN
