"""Plays short recordings through the terminal's vision, for `check-arm64`: the same program on both processors.

Arguments: a folder with the enrolled person's portrait and a folder of frames for each recording, and a folder for the
store. Prints as JSON, by recording, what was decided at which frame. Time is the recording's: an emulated processor is
far slower than any board, and a decision on old frames would rightly open nothing.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from daemon.config.settings import Settings, parse
from daemon.desk import Desk, open_desk
from daemon.enrolment.enroller import Enroller, NamedImage
from daemon.types import Decision
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.tracker import Tracker
from hw.camera import Frame
from hw.errors import EndOfStream
from hw.replay import Replay

PERSON = "person"
PORTRAIT = "enrol.png"


@dataclass(frozen=True)
class Recording:
    """Five frames, `interval` seconds apart, on which the terminal must come to `reason`."""

    name: str
    interval: float
    reason: str


# A grant needs five frames, a refusal 1.5 s.
RECORDINGS = (Recording("person", 0.1, "granted"), Recording("stranger", 0.4, "unknown"))


def main() -> int:
    folder, store = map(Path, sys.argv[1:])
    settings = parse({"storage": {"folder": str(store)}}, source="check-arm64")
    portrait = cv2.imread(str(folder / PORTRAIT))
    if portrait is None:
        raise SystemExit(f"{folder / 'enrol.png'}: not a picture")
    with open_desk(settings) as desk:
        enroller = Enroller(recogniser=desk.recogniser, gallery=desk.gallery)
        enroller.enrol(PERSON, [NamedImage(PORTRAIT, np.asarray(portrait, np.uint8))], source="check-arm64")
        told = {recording.name: list(decisions(recording, folder, desk, settings)) for recording in RECORDINGS}
    print(json.dumps(told))
    return 0


def decisions(recording: Recording, folder: Path, desk: Desk, settings: Settings) -> Iterator[dict[str, object]]:
    """What a terminal that has just been started decides on the recording's frames."""
    loop = VisionLoop(
        recogniser=desk.recogniser,
        tracker=Tracker(),
        policy=AccessPolicy(
            policy=settings.policy, liveness=settings.liveness, choose=lambda challenges: challenges[0]
        ),
        gallery=desk.gallery,
        fpir=settings.policy.fpir,
        on_decision=lambda _: None,
        on_prompt=lambda _: None,
        clock=still,
    )
    for frame in frames(folder / recording.name, recording.interval):
        outcome = loop.process(frame)
        if isinstance(outcome, Decision):
            yield {
                "frame": frame.sequence,
                "reason": outcome.reason.value,
                "person": outcome.person_id,
                "score": outcome.score,
                "liveness": outcome.liveness,
            }


def frames(folder: Path, interval: float) -> Iterator[Frame]:
    with closing(Replay(path=folder, realtime=False, fps=1 / interval, clock=still)) as camera, suppress(EndOfStream):
        while True:
            yield camera.read()


def still() -> float:
    """The processor's time, which must not count: the replay stamps each frame ahead of it."""
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
