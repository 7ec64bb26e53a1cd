import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from daemon.enrolment.aftermath import Aftermath, Learning, Pictures
from daemon.enrolment.images import ImageArchive
from daemon.enrolment.learned import Bounds
from daemon.errors import StoreError
from daemon.storage.store import Store
from daemon.types import Candidate, Decision, Observation, Reason
from hw.camera import Frame
from models.detector import Face
from models.geometry import Box
from tests.daemon.stores import MODEL, open_store, template, vector
from tests.helpers.qualities import GOOD

QUALITY = replace(GOOD, yaw_deg=3, sharpness=90)
FACE = Face(box=Box(20, 20, 40, 40), score=0.9, keypoints=np.zeros((6, 2), np.float32))
WALL = datetime(2026, 5, 1, 8, tzinfo=timezone.utc).timestamp()
FRAME = Frame(image=np.zeros((120, 160, 3), np.uint8), captured=1.0, wall=WALL, sequence=0)
LEARNING = Learning(MODEL, 0.9, Bounds(least_score=0.8, limit=3, interval=timedelta(0)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path)
    store.enrol("ann", [template(1)], replace=False)
    return store


def granted(*, liveness: float | None = 0.95, track: int = 7) -> Decision:
    return Decision(track_id=track, reason=Reason.GRANTED, captured=1.0, person_id="ann", score=0.9, liveness=liveness)


def denied(*, track: int = 8) -> Decision:
    return Decision(track_id=track, reason=Reason.UNKNOWN, captured=1.0, liveness=0.95)


def observed(*, person_id: str = "ann", score: float = 1.0, seed: int = 1) -> Observation:
    candidates = (Candidate(person_id, score),)
    return Observation(7, 1.0, quality=QUALITY, candidates=candidates, probe=vector(seed))


def event(decision: str, person_id: str | None, *, track: int) -> dict[str, object]:
    return {"decision": decision, "person_id": person_id, "track": track, "event_id": f"event-{track}"}


def finish(aftermath: Aftermath) -> None:
    stop = threading.Event()
    stop.set()
    aftermath.run(stop)


def pictures(store: Store, *kinds: str) -> Pictures:
    return Pictures(ImageArchive(store=store), frozenset(kinds), 30.0)  # type: ignore[arg-type]


def test_a_good_live_granted_probe_is_learned(store: Store) -> None:
    aftermath = Aftermath(store=store, learning=LEARNING)
    aftermath.note(granted(), observed(), FRAME, FACE)
    assert store.person("ann").templates == 1
    finish(aftermath)
    assert store.person("ann").templates == 2


@pytest.mark.parametrize(
    ("decision", "observation"),
    [
        (denied(), observed()),
        (granted(liveness=0.89), observed()),
        (granted(liveness=None), observed()),
        (granted(liveness=float("nan")), observed()),
        (granted(), observed(score=0.79)),
        (granted(), observed(score=float("nan"))),
        (granted(), observed(person_id="bob")),
        (granted(), observed(seed=2)),
        (granted(), Observation(7, 1.0, fault=Reason.BLURRED, quality=QUALITY)),
    ],
)
def test_nothing_else_is_learned(store: Store, decision: Decision, observation: Observation) -> None:
    aftermath = Aftermath(store=store, learning=LEARNING)
    before = store.change_marker()
    aftermath.note(decision, observation, FRAME, FACE)
    finish(aftermath)
    assert store.change_marker() == before


def test_by_default_nothing_is_kept(store: Store) -> None:
    before = store.change_marker()
    aftermath = Aftermath(store=store, pictures=pictures(store))
    aftermath.note(granted(), observed(), FRAME, FACE)
    aftermath.told(event("granted", "ann", track=7))
    finish(aftermath)
    assert store.change_marker() == before


def test_a_picture_is_bound_to_its_event_and_person(store: Store) -> None:
    aftermath = Aftermath(store=store, pictures=pictures(store, "granted", "denied"))
    aftermath.note(granted(), observed(), FRAME, FACE)
    aftermath.note(denied(), observed(), FRAME, FACE)
    aftermath.told(event("denied", None, track=8))
    aftermath.told(event("granted", "ann", track=7))
    finish(aftermath)
    kept = [(one.kind, one.person_id, one.event_id, one.taken.timestamp()) for one in ImageArchive(store=store).all()]
    assert kept == [("denied", None, "event-8", WALL), ("granted", "ann", "event-7", WALL)]


def test_only_the_configured_kinds_are_kept(store: Store) -> None:
    aftermath = Aftermath(store=store, pictures=pictures(store, "denied"))
    aftermath.note(granted(), observed(), FRAME, FACE)
    aftermath.told(event("granted", "ann", track=7))
    aftermath.told(event("denied", None, track=99))
    finish(aftermath)
    assert list(ImageArchive(store=store).all()) == []


def test_who_was_removed_meanwhile_leaves_no_picture(store: Store) -> None:
    aftermath = Aftermath(store=store, pictures=pictures(store, "granted"))
    aftermath.note(granted(), observed(), FRAME, FACE)
    aftermath.told(event("granted", "ann", track=7))
    store.remove("ann")
    finish(aftermath)
    assert list(ImageArchive(store=store).all()) == []


def test_a_disk_that_stands_still_holds_nobody_up(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    aftermath = Aftermath(store=store, learning=LEARNING, pictures=pictures(store, "granted"))
    for track in range(100):
        aftermath.note(granted(track=track), observed(), FRAME, FACE)
    assert "too slow" in caplog.text


def test_pictures_of_before_expire_though_none_are_kept_any_more(store: Store) -> None:
    clock = [WALL]
    archive = ImageArchive(store=store, clock=lambda: clock[0])
    aftermath = Aftermath(store=store, pictures=Pictures(archive, frozenset(), 30.0))
    taken = datetime.fromtimestamp(WALL, timezone.utc)
    archive.keep(b"old", kind="denied", taken=taken, event_id="e")
    for _ in range(31):
        assert len(archive.marks()) == 1
        clock[0] += 86_400.0
        aftermath.expire()
    archive.keep(b"new", kind="denied", taken=taken, event_id="f")
    aftermath.expire()
    assert [one.event_id for one in archive.all()] == ["f"]


@pytest.mark.parametrize("error", [StoreError("the disk is full"), ValueError("a mistake")])
def test_a_failure_is_told_and_survived(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    stop = threading.Event()
    aftermath = Aftermath(store=store, learning=LEARNING, pictures=pictures(store))

    def fail(*_: object, **__: object) -> bool:
        stop.set()
        raise error

    monkeypatch.setattr("daemon.enrolment.aftermath.learn", fail)
    aftermath.note(granted(), observed(), FRAME, FACE)
    aftermath.run(stop)
    assert "nothing was kept" in caplog.text
    assert str(error) in caplog.text
