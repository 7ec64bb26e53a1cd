import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.vision.tracker import MAX_GAP_SECONDS, Tracker
from models.detector import Face
from models.geometry import Box

INTERVAL = 1 / 30


def face(left: float, top: float = 100, side: float = 100) -> Face:
    return Face(box=Box(left, top, side, side), score=0.9, keypoints=np.zeros((6, 2), np.float32))


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


def ids(tracker: Tracker, captured: float, *faces: Face) -> list[int]:
    return [tracked.track_id for tracked in tracker.update(faces, captured)]


def test_a_walking_face_keeps_its_number_and_its_first_moment(tracker: Tracker) -> None:
    for n in range(100):
        (tracked,) = tracker.update([face(5.0 * n, side=100 * 1.01**n)], 10 + n * INTERVAL)
        assert tracked.track_id == 1
        assert tracked.first_seen == 10
    assert tracker.alive == {1}


def test_faces_come_back_in_the_order_given(tracker: Tracker) -> None:
    left, right = face(0), face(300)
    assert ids(tracker, 0.0, left, right) == [1, 2]
    tracked = tracker.update([right, left], INTERVAL)
    assert [t.track_id for t in tracked] == [2, 1]
    assert [t.face for t in tracked] == [right, left]


def test_a_short_gap_is_bridged_and_a_long_one_is_not(tracker: Tracker) -> None:
    assert ids(tracker, 0.0, face(0)) == [1]
    assert ids(tracker, 0.25) == []
    assert tracker.alive == {1}
    assert ids(tracker, MAX_GAP_SECONDS, face(0)) == [1]
    assert ids(tracker, 2 * MAX_GAP_SECONDS + 0.01, face(0)) == [2]
    assert tracker.alive == {2}


def test_a_lost_track_is_forgotten_without_any_face(tracker: Tracker) -> None:
    ids(tracker, 0.0, face(0))
    assert ids(tracker, MAX_GAP_SECONDS + 0.01) == []
    assert tracker.alive == frozenset()


@pytest.mark.parametrize(("side", "number"), [(100, 1), (140, 1), (72, 1), (143, 2), (69, 2)])
def test_a_face_that_doubles_or_halves_its_area_at_once_is_another(tracker: Tracker, side: float, number: int) -> None:
    ids(tracker, 0.0, face(0, 0, 100))
    assert ids(tracker, INTERVAL, face(0, 0, side)) == [number]


@pytest.mark.parametrize(("shift", "number"), [(0, 1), (53, 1), (54, 2), (500, 2)])
def test_a_face_that_jumps_is_another(tracker: Tracker, shift: float, number: int) -> None:
    ids(tracker, 0.0, face(0))
    assert ids(tracker, INTERVAL, face(shift)) == [number]


def test_two_faces_that_cross_at_different_heights_keep_their_numbers(tracker: Tracker) -> None:
    for n in range(61):
        assert ids(tracker, n * INTERVAL, face(10.0 * n, 100), face(600 - 10.0 * n, 140)) == [1, 2]


def test_two_faces_that_cross_in_front_of_each_other_stay_two(tracker: Tracker) -> None:
    for n in range(61):
        assert sorted(ids(tracker, n * INTERVAL, face(10.0 * n), face(600 - 10.0 * n))) == [1, 2]


def test_a_face_next_to_another_takes_nothing_from_it(tracker: Tracker) -> None:
    assert ids(tracker, 0.0, face(0)) == [1]
    assert ids(tracker, INTERVAL, face(40), face(5)) == [2, 1]


boxes = st.builds(face, st.floats(0, 300), st.floats(0, 300), st.floats(1, 300))


@given(st.lists(st.tuples(st.lists(boxes, max_size=4), st.floats(0, 1)), max_size=30))
def test_numbers_are_unique_in_a_frame_and_never_come_back(frames: list[tuple[list[Face], float]]) -> None:
    tracker = Tracker()
    gone: set[int] = set()
    highest = 0
    captured = 0.0
    for faces, elapsed in frames:
        captured += elapsed
        before = tracker.alive
        numbers = ids(tracker, captured, *faces)
        assert len(numbers) == len(faces) == len(set(numbers))
        assert not gone & set(numbers)
        assert all(number in before or number > highest for number in numbers)
        highest = max([highest, *numbers])
        gone |= before - tracker.alive
        assert set(numbers) <= tracker.alive
