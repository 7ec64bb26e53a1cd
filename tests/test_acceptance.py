"""The whole terminal on real recordings: who is let in, who is not, and what a power cut leaves."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from daemon import app
from daemon.config.settings import Liveness, Policy, load, parse
from daemon.desk import open_desk, open_store
from daemon.enrolment.enroller import Enroller, NamedImage
from daemon.service_manager import ServiceManager
from daemon.supervision import Supervisor
from daemon.types import Candidate, Challenge, Decision, Observation, Prompt, Reason
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser
from hw.camera import Frame
from models.geometry import Image
from tests.conftest import ROOT
from tests.daemon.mosquitto import Watcher, running, wait_until
from tests.helpers import variants

pytestmark = pytest.mark.alone  # what is seen and said in time: nothing else may have the processor

DEADLINE_SECONDS = 60.0


@dataclass
class Shift:
    """What happened while a terminal ran: frames and outcomes as vision saw them, and what was told."""

    outcomes: list[tuple[int, Decision | Prompt | None]] = field(default_factory=list)
    told: list[Mapping[str, object]] = field(default_factory=list)

    @property
    def sequences(self) -> list[int]:
        return [sequence for sequence, _ in self.outcomes]

    @property
    def decisions(self) -> list[tuple[int, Decision]]:
        return [(sequence, outcome) for sequence, outcome in self.outcomes if isinstance(outcome, Decision)]

    @property
    def reasons(self) -> set[Reason]:
        return {decision.reason for _, decision in self.decisions}

    @property
    def door(self) -> list[object]:
        return [event["lock"] for event in self.told if event["kind"] == "door"]

    @property
    def accesses(self) -> list[Mapping[str, object]]:
        return [event for event in self.told if event["kind"] == "access"]


class Terminal:
    """A terminal with a store of its own and the settings that it is shipped with."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch

    def configuration(self, camera: Path, *, realtime: bool, **sections: object) -> dict[str, object]:
        return {
            "device": {"id": "door1"},
            "camera": {"backend": "replay", "path": str(camera), "realtime": realtime},
            "storage": {"folder": str(self.folder / "store")},
            **sections,
        }

    def enrol(self, person_id: str, image: Image) -> None:
        settings = parse(self.configuration(self.folder, realtime=False), source="test")
        with open_desk(settings) as desk:
            enroller = Enroller(recogniser=desk.recogniser, gallery=desk.gallery)
            enroller.enrol(person_id, [NamedImage("picture", image)], source="test")

    def run(self, camera: Path, *, realtime: bool = False, **sections: object) -> Shift:
        """Run until the recording is over."""
        shift = Shift()
        process: Callable[[VisionLoop, Frame], Decision | Prompt | None] = VisionLoop.process

        def watched(loop: VisionLoop, frame: Frame) -> Decision | Prompt | None:
            outcome = process(loop, frame)
            shift.outcomes.append((frame.sequence, outcome))
            return outcome

        supervisor = Supervisor()
        with self._monkeypatch.context() as patch:
            patch.setattr(VisionLoop, "process", watched)
            settings = parse(self.configuration(camera, realtime=realtime, **sections), source="test")
            app.run(settings, supervisor=supervisor, tell=shift.told.append, service=ServiceManager({}))
        assert supervisor.failure is None
        return shift


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(tmp_path, monkeypatch)


def frames_of(video: Path) -> Iterable[Image]:
    capture = cv2.VideoCapture(str(video))
    good, image = capture.read()
    while good:
        image.flags.writeable = False
        yield np.asarray(image, dtype=np.uint8)
        good, image = capture.read()
    capture.release()


def first_clear_frame(video: Path, recogniser: Recogniser) -> Image:
    for image in frames_of(video):
        faces = recogniser.detect(image)
        if faces and recogniser.view(image, faces[0]).fault is None:
            return image
    raise AssertionError(f"{video}: no clear frame")


def rate_of(video: Path) -> float:
    return float(cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FPS))


@pytest.fixture
def enrolled(terminal: Terminal, recogniser: Recogniser, full: Path) -> Terminal:
    """A terminal that knows the person of live_01."""
    terminal.enrol("person-1", first_clear_frame(full / "live_01.mp4", recogniser))
    return terminal


def stills(folder: Path, *pictures: Path, repeated: int) -> Path:
    """A recording of pictures, each standing still for some frames."""
    folder.mkdir()
    for number, picture in enumerate(pictures):
        for index in range(repeated):
            shutil.copy(picture, folder / f"{number:03d}-{index:03d}{picture.suffix}")
    return folder


@pytest.mark.needs_data
class TestThePersonOfLive01:
    def test_is_let_in_within_a_second_of_the_recording(self, enrolled: Terminal, full: Path) -> None:
        video = full / "live_01.mp4"
        shift = enrolled.run(video)
        ((sequence, decision),) = [(number, d) for number, d in shift.decisions if d.granted]
        assert decision.person_id == "person-1"
        # The face is in view from the first frame on.
        assert sequence / rate_of(video) <= 1.0
        assert shift.sequences == list(range(130))
        assert shift.door == ["locked", "unlocked", "locked"]

    def test_is_one_pulse_and_one_event_at_a_real_broker(self, enrolled: Terminal, full: Path, tmp_path: Path) -> None:
        with running(tmp_path) as broker, Watcher(broker.port) as watcher:
            mqtt = {"enabled": True, "host": "127.0.0.1", "port": broker.port}
            shift = enrolled.run(full / "live_01.mp4", realtime=True, door={"pulse_seconds": 1.0}, mqtt=mqtt)
            topic = "auther/door1/access"
            wait_until(lambda: bool(watcher.on(topic)), "the event")
            wait_until(lambda: "offline" in watcher.texts("auther/door1/status"), "the terminal's end")
        (event,) = watcher.values(topic)
        assert (event["decision"], event["reason"], event["person_id"]) == ("granted", "granted", "person-1")
        assert event["similarity"] > 98
        assert event["liveness"] > 0.5
        assert 0 < event["relay_ms"] < 1000 * Policy().grant_deadline_seconds
        (message,) = watcher.on(topic)
        assert (message.qos, message.retain) == (1, False)
        assert shift.door.count("unlocked") == 1
        assert (shift.door[0], shift.door[-1]) == ("locked", "locked")
        assert [access["event_id"] for access in shift.accesses] == [event["event_id"]]

    @pytest.mark.parametrize("realtime", [True, False])
    def test_is_a_spoof_on_a_screen(self, enrolled: Terminal, full: Path, realtime: bool) -> None:
        shift = enrolled.run(full / "screen_replay_01.mp4", realtime=realtime)
        assert shift.reasons == {Reason.SPOOF}
        assert {access["reason"] for access in shift.accesses} == {"spoof"}
        assert shift.door == ["locked", "locked"]
        if not realtime:
            assert shift.sequences == list(range(163))

    def test_is_not_let_in_by_a_screen_wherever_the_track_begins(
        self, enrolled: Terminal, recogniser: Recogniser, full: Path
    ) -> None:
        enrolled_as = first_clear_frame(full / "live_01.mp4", recogniser)
        (face,) = recogniser.detect(enrolled_as)
        reference = recogniser.reference(recogniser.view(enrolled_as, face))
        observations = []
        for number, image in enumerate(frames_of(full / "screen_replay_01.mp4")):
            (face,) = recogniser.detect(image)
            view = recogniser.view(image, face)
            score = float(recogniser.embed(view) @ reference)
            observation = Observation(
                track_id=1,
                captured=number / 30,
                quality=view.quality,
                liveness=recogniser.liveness(image, face),
                candidates=(Candidate("person-1", score),),
                threshold=recogniser.scale.identification_threshold(Policy().fpir, 1),
            )
            observations.append(observation)
        # It is that person: only liveness keeps the door shut, here the network's alone.
        assert sum(o.candidates[0].score > o.threshold for o in observations) > 150
        for start in range(len(observations)):
            policy = AccessPolicy(policy=Policy(), liveness=Liveness(level="convenience"), choose=first)
            outcomes = [policy.update(o, o.captured) for o in observations[start:]]
            assert not any(isinstance(outcome, Decision) and outcome.granted for outcome in outcomes)


def first(challenges: Any) -> Challenge:
    challenge: Challenge = challenges[0]
    return challenge


@pytest.mark.needs_data
class TestOtherPeople:
    def test_are_not_let_in(self, enrolled: Terminal, full: Path, tmp_path: Path) -> None:
        others = {
            "live_02": [full / "live_02.jpg"],
            "live_03": sorted(full.glob("live_03_*.png")),
        }
        for name, pictures in others.items():
            film = stills(tmp_path / name, *pictures, repeated=72 // len(pictures))
            shift = enrolled.run(film)
            assert shift.reasons, name
            assert shift.reasons <= {Reason.UNKNOWN, Reason.NOT_FRONTAL}, name
            assert shift.door == ["locked", "locked"]

    def test_are_not_let_in_as_portraits(
        self, enrolled: Terminal, tmp_path: Path, grace: Image, astronaut: Image
    ) -> None:
        for name, image in {"grace": grace, "eileen": variants.scaled(astronaut, 2)}.items():
            file = tmp_path / f"{name}.png"
            cv2.imwrite(str(file), image)
            shift = enrolled.run(stills(tmp_path / name, file, repeated=60))
            assert shift.reasons == {Reason.UNKNOWN}, name
            assert shift.door == ["locked", "locked"]


class TestPowerCuts:
    """A real process that is killed at any moment finds everything when it starts again."""

    @pytest.fixture
    def configuration(self, terminal: Terminal, grace: Image, grace_file: Path, tmp_path: Path) -> Path:
        terminal.enrol("grace", grace)
        film = stills(tmp_path / "film", grace_file, repeated=10)
        path = tmp_path / "auther.toml"
        path.write_text(
            f'[camera]\nbackend = "replay"\npath = {json.dumps(str(film))}\nloop = true\nfps = 10.0\n'
            f"[storage]\nfolder = {json.dumps(str(terminal.folder / 'store'))}\n"
            '[liveness]\nlevel = "convenience"\n[door]\npulse_seconds = 30.0\n'
        )
        return path

    def test_people_are_there_and_the_door_is_locked_again(self, configuration: Path) -> None:
        for doors_seen, then in ((0, 0.0), (0, 0.7), (1, 0.0), (1, 0.2), (2, 0.1)):
            with self.auther(configuration, "run", "--json") as process:
                assert process.stdout is not None
                states: list[str] = []
                while len(states) < doors_seen:
                    event = json.loads(process.stdout.readline())
                    if event["kind"] == "door":
                        states.append(event["lock"])
                time.sleep(then)
                process.kill()
            # Every start found the strike locked, and the person who was enrolled could open.
            assert states == ["locked", "unlocked"][:doors_seen]
        assert self.people(configuration) == ["grace"]

    def test_an_enrolment_is_there_or_not(self, configuration: Path, astronaut: Image, tmp_path: Path) -> None:
        picture = tmp_path / "eileen.png"
        cv2.imwrite(str(picture), variants.scaled(astronaut, 2))
        words = ("enroll", "eileen", "--image", str(picture))
        for delay in (0.3, 0.7, 1.1):
            with self.auther(configuration, *words) as process:
                time.sleep(delay)
                process.kill()
            assert self.people(configuration) in (["grace"], ["grace", "eileen"])
        if self.people(configuration) == ["grace"]:
            with self.auther(configuration, *words) as process:
                assert process.wait(DEADLINE_SECONDS) == 0
        assert self.people(configuration) == ["grace", "eileen"]

    def auther(self, configuration: Path, *words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "daemon", "--config", str(configuration), *words]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def people(self, configuration: Path) -> list[str]:
        with closing(open_store(load(configuration))) as store:
            return [person.person_id for person in store.people()]
