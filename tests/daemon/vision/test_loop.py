"""The vision loop with a recogniser that reads faces off the frame's number instead of its pixels."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from daemon.config.settings import Liveness, Policy, QualityLimits
from daemon.types import Candidate, Challenge, Decision, Prompt, Reason
from daemon.vision.attention import Attention
from daemon.vision.camera_keeper import CameraKeeper
from daemon.vision.camera_state import CameraStanding
from daemon.vision.capture import NewestFrame
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser, View
from daemon.vision.tracker import Tracker
from hw.camera import Frame
from hw.simulated import SimulatedCamera
from models.detector import Face
from models.geometry import Box, Image
from models.landmarks import Mesh
from models.manifest import load_manifest
from models.similarity import ScoreScale
from tests.helpers.qualities import GOOD

INTERVAL = 1 / 30
QUALITY = replace(GOOD, sharpness=500)
POINTS = np.random.default_rng(1).uniform(100, 200, (468, 2)).astype(np.float32)
MESH = Mesh(points=POINTS, depth=np.zeros(468, np.float32), presence=1.0)
IMAGE = np.zeros((480, 640, 3), np.uint8)


def face(left: float, side: float = 100) -> Face:
    return Face(box=Box(left, 100, side, side), score=0.9, keypoints=np.zeros((6, 2), np.float32))


@dataclass
class FakeRecogniser:
    """Finds what it is told to find, and writes down what it was asked."""

    faces: Sequence[Face] = (face(100),)
    fault: Reason | None = None
    presence: float = 1.0
    live: float = 0.9
    asked: list[str] = field(default_factory=list)
    scale: ScoreScale = field(default_factory=lambda: ScoreScale(load_manifest().embedder.similarity))

    def detect(self, image: Image) -> tuple[Face, ...]:
        return tuple(sorted(self.faces, key=lambda face: -face.box.area))

    def view(self, image: Image, face: Face) -> View:
        self.asked.append(f"view {face.box.left:g}")
        return View(
            face=face, mesh=replace(MESH, presence=self.presence), aligned=image, quality=QUALITY, fault=self.fault
        )

    def liveness(self, image: Image, face: Face) -> float:
        self.asked.append("liveness")
        return self.live

    def moire(self, image: Image, face: Face) -> float | None:
        return None

    def embed(self, view: View) -> object:
        self.asked.append("embed")
        return "probe"


@dataclass
class FakeGallery:
    """A gallery and its keeper in one."""

    templates: int = 1
    best: tuple[Candidate, ...] = (Candidate("ann", 0.8),)

    def __len__(self) -> int:
        return self.templates

    @property
    def current(self) -> "FakeGallery":
        return self

    def search(self, probe: object) -> tuple[Candidate, ...]:
        assert probe == "probe"
        return self.best


class Terminal:
    """A vision loop with a clock of its own."""

    def __init__(self, recogniser: Any, gallery: Any = None, liveness: Liveness | None = None) -> None:
        self.now = 1000.0
        self.sequence = 0
        self.decisions: list[Decision] = []
        self.prompts: list[Prompt] = []
        self.again: float | None = None
        self.loop = VisionLoop(
            recogniser=recogniser,
            tracker=Tracker(),
            policy=AccessPolicy(policy=Policy(), liveness=liveness or Liveness(), choose=lambda _: Challenge.TURN_LEFT),
            gallery=FakeGallery() if gallery is None else gallery,
            fpir=Policy().fpir,
            on_decision=self.decide,
            on_prompt=self.prompts.append,
            clock=lambda: self.now,
        )

    def decide(self, decision: Decision) -> float | None:
        self.decisions.append(decision)
        return self.again

    def show(self, frames: int, *, late: float = 0.0) -> list[Reason]:
        before = len(self.decisions)
        for _ in range(frames):
            self.now += INTERVAL
            frame = Frame(image=IMAGE, captured=self.now - late, wall=0.0, sequence=self.sequence)
            outcome = self.loop.process(frame)
            assert outcome is None or outcome in (*self.decisions, *self.prompts)
            self.sequence += 1
        return [decision.reason for decision in self.decisions[before:]]


@pytest.fixture
def recogniser() -> FakeRecogniser:
    return FakeRecogniser()


def test_a_person_is_granted_and_then_left_alone(recogniser: FakeRecogniser) -> None:
    terminal = Terminal(recogniser)
    assert terminal.show(30) == [Reason.GRANTED]
    assert terminal.decisions[0].person_id == "ann"
    assert Counter(recogniser.asked) == {"view 100": 5, "liveness": 5, "embed": 5}


def test_a_person_whom_the_rules_refuse_and_who_stays_is_judged_again(recogniser: FakeRecogniser) -> None:
    terminal = Terminal(recogniser)
    terminal.again = 1004.0
    assert terminal.show(110) == [Reason.GRANTED]
    assert Counter(recogniser.asked) == {"view 100": 5, "liveness": 5, "embed": 5}
    terminal.again = None
    assert terminal.show(60) == [Reason.GRANTED]
    assert {decision.track_id for decision in terminal.decisions} == {1}


def test_who_waits_for_a_second_person_does_not_keep_them_out_of_sight(recogniser: FakeRecogniser) -> None:
    recogniser.faces = (face(100, 160), face(400, 100))
    terminal = Terminal(recogniser)
    terminal.again = 1015.0
    assert terminal.show(5) == [Reason.GRANTED]
    recogniser.asked.clear()
    terminal.show(5)
    assert "view 400" in recogniser.asked
    assert "view 100" not in recogniser.asked


def test_a_face_with_a_fault_is_neither_judged_live_nor_compared(recogniser: FakeRecogniser) -> None:
    recogniser.fault = Reason.TOO_SMALL
    assert Terminal(recogniser).show(60) == [Reason.TOO_SMALL]
    assert set(recogniser.asked) == {"view 100"}


def test_closed_eyes_are_compared_for_whoever_blinks_has_to_be_known(recogniser: FakeRecogniser) -> None:
    recogniser.fault = Reason.EYES_CLOSED
    assert Terminal(recogniser).show(60) == [Reason.EYES_CLOSED]
    assert set(recogniser.asked) == {"view 100", "embed"}


def test_nobody_is_nothing(recogniser: FakeRecogniser) -> None:
    recogniser.faces = ()
    assert Terminal(recogniser).show(60) == []
    assert recogniser.asked == []


def test_the_largest_face_is_looked_at_until_it_is_decided(recogniser: FakeRecogniser) -> None:
    recogniser.faces = (face(400, 80), face(100, 120))
    terminal = Terminal(recogniser, FakeGallery())
    assert terminal.show(5) == [Reason.GRANTED]
    assert {asked for asked in recogniser.asked if asked.startswith("view")} == {"view 100"}
    terminal.show(1)
    assert recogniser.asked[-3] == "view 400"


def test_a_picture_beside_a_person_does_not_keep_the_person_out(recogniser: FakeRecogniser) -> None:
    recogniser.faces = (face(100, 160), face(400, 100))
    recogniser.live = 0.0
    terminal = Terminal(recogniser)
    assert terminal.show(4) == [Reason.SPOOF]
    recogniser.live = 0.9
    assert terminal.show(5) == [Reason.GRANTED]


def test_a_stranger_is_unknown(recogniser: FakeRecogniser) -> None:
    gallery = FakeGallery(best=(Candidate("ann", 0.3),))
    assert Terminal(recogniser, gallery).show(60) == [Reason.UNKNOWN]


def test_the_threshold_grows_with_the_gallery(recogniser: FakeRecogniser) -> None:
    best = (Candidate("ann", 0.5), Candidate("bob", 0.2))
    assert Terminal(recogniser, FakeGallery(2, best)).show(5) == [Reason.GRANTED]
    assert Terminal(recogniser, FakeGallery(100_000, best)).show(60) == [Reason.UNKNOWN]


def test_late_frames_open_nothing(recogniser: FakeRecogniser) -> None:
    assert Terminal(recogniser).show(5, late=1.2) == [Reason.STALE]


def test_a_recording_ahead_of_the_clock_is_fresh(recogniser: FakeRecogniser) -> None:
    assert Terminal(recogniser).show(5, late=-60.0) == [Reason.GRANTED]


def test_a_challenge_is_handed_on(recogniser: FakeRecogniser) -> None:
    terminal = Terminal(recogniser, liveness=Liveness(level="strict"))
    assert terminal.show(30) == []
    assert [prompt.challenge for prompt in terminal.prompts] == [Challenge.TURN_LEFT]


def test_someone_who_comes_back_is_a_new_track(recogniser: FakeRecogniser) -> None:
    terminal = Terminal(recogniser)
    terminal.show(10)
    recogniser.faces = ()
    terminal.show(round((Policy().cooldown_seconds + 1) / INTERVAL))
    recogniser.faces = (face(100),)
    assert terminal.show(5) == [Reason.GRANTED]
    assert [decision.track_id for decision in terminal.decisions] == [1, 2]


def test_run_processes_every_frame_of_a_lossless_camera_and_ends_with_it(recogniser: FakeRecogniser) -> None:
    terminal = Terminal(recogniser)
    seen: list[int] = []
    process: Callable[[Frame], object] = terminal.loop.process
    terminal.loop.process = lambda frame: (seen.append(frame.sequence), process(frame))[1]  # type: ignore[method-assign,assignment]
    slot, stop = NewestFrame(), threading.Event()
    keeper = CameraKeeper(
        open_camera=lambda: SimulatedCamera(images=[IMAGE] * 40),
        standing=CameraStanding(tell=lambda _: None),
        watch=None,
        attention=Attention(idle_fps=2, hold_seconds=5),
    )
    reader = threading.Thread(target=lambda: keeper.run(slot, stop), daemon=True)
    reader.start()
    terminal.loop.run(slot, stop)
    reader.join(10)
    assert not reader.is_alive()
    assert seen == list(range(40))
    assert [decision.reason for decision in terminal.decisions] == [Reason.GRANTED]


def test_run_ends_when_told(recogniser: FakeRecogniser) -> None:
    stop = threading.Event()
    stop.set()
    Terminal(recogniser).loop.run(NewestFrame(), stop)
    assert recogniser.asked == []


def test_real_networks_take_a_read_only_frame(request: pytest.FixtureRequest, grace: Image) -> None:
    suite = request.getfixturevalue("suite")

    class NoGallery(FakeGallery):
        def search(self, probe: object) -> tuple[Candidate, ...]:
            return ()

    terminal = Terminal(Recogniser(suite=suite, limits=QualityLimits()), NoGallery(0))
    assert not grace.flags.writeable
    for n in range(60):
        terminal.now += INTERVAL
        terminal.loop.process(Frame(image=grace, captured=terminal.now, wall=0.0, sequence=n))
    assert [decision.reason for decision in terminal.decisions] == [Reason.UNKNOWN]


def test_what_the_mesh_takes_for_no_face_is_neither_compared_nor_told() -> None:
    recogniser = FakeRecogniser(presence=0.001)
    terminal = Terminal(recogniser)
    assert terminal.show(120) == []
    assert set(recogniser.asked) == {"view 100"}
