import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.geometry import Box, apply, invert, level_crop, similarity_transform, warp, warp_finely

coordinates = st.floats(-500, 500, width=32)
points = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=20).map(
    lambda rows: np.array(rows, np.float32)
)
boxes = st.builds(Box, coordinates, coordinates, st.floats(1, 500), st.floats(1, 500))


@given(points, st.floats(0.1, 10), st.floats(-np.pi, np.pi), coordinates, coordinates)
def test_a_similarity_is_found_again(source: np.ndarray, scale: float, angle: float, right: float, down: float) -> None:
    if np.ptp(source, axis=0).max() < 1:
        return
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    known = np.array([[cos, -sin, right], [sin, cos, down]], np.float32)
    found = similarity_transform(source, apply(known, source))
    np.testing.assert_allclose(apply(found, source), apply(known, source), atol=0.05 * scale + 0.01)
    assert np.hypot(found[0, 0], found[1, 0]) == pytest.approx(scale, rel=0.02)


def test_a_similarity_that_does_not_fit_is_the_best_one() -> None:
    source = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float32)
    target = source * (2, 1)
    matrix = similarity_transform(source, target.astype(np.float32))
    np.testing.assert_allclose(matrix, [[1.5, 0, 2.5], [0, 1.5, -2.5]], atol=1e-5)

    def error(moved: np.ndarray) -> float:
        return float(((moved - target) ** 2).sum())

    best = error(apply(matrix, source))
    for change in np.eye(6).reshape(6, 2, 3) * 0.01:
        # A change of one corner of the rotation alone would leave the similarities.
        similar = change.copy()
        similar[1, 1], similar[0, 1] = similar[0, 0], -similar[1, 0]
        assert error(apply((matrix + similar).astype(np.float32), source)) >= best - 1e-4


@given(coordinates, coordinates, st.floats(1, 500), st.floats(-np.pi, np.pi))
def test_a_level_crop_holds_its_square(x: float, y: float, side: float, angle: float) -> None:
    matrix = level_crop((x, y), side, angle, 192)
    cos, sin = np.cos(angle) * side / 2, np.sin(angle) * side / 2
    # Centre, and the middles of the right and of the lower edge of the turned square.
    frame = np.array([[x, y], [x + cos, y + sin], [x - sin, y + cos]], np.float32)
    np.testing.assert_allclose(apply(matrix, frame), [[96, 96], [192, 96], [96, 192]], atol=0.05 + 100 / side)


@given(coordinates, coordinates, st.floats(10, 500), st.floats(-np.pi, np.pi), points)
def test_the_way_back_leads_back(x: float, y: float, side: float, angle: float, crop: np.ndarray) -> None:
    matrix = level_crop((x, y), side, angle, 192)
    np.testing.assert_allclose(apply(matrix, apply(invert(matrix), crop)), crop, atol=0.1)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_a_share(one: Box, other: Box) -> None:
    assert one.iou(other) == pytest.approx(other.iou(one))
    assert 0 <= one.iou(other) <= 1 + 1e-9
    assert one.iou(one) == pytest.approx(1)


@pytest.mark.parametrize(
    ("other", "iou"),
    [
        (Box(0, 0, 10, 10), 1.0),
        (Box(5, 0, 10, 10), 1 / 3),
        (Box(2, 2, 5, 5), 0.25),
        (Box(10, 0, 10, 10), 0.0),
        (Box(50, 50, 10, 10), 0.0),
    ],
)
def test_known_overlaps(other: Box, iou: float) -> None:
    assert Box(0, 0, 10, 10).iou(other) == pytest.approx(iou)


def test_a_warp_moves_pixels_of_a_read_only_frame_and_is_black_outside() -> None:
    image = np.full((20, 30, 3), 200, np.uint8)
    image.flags.writeable = False
    crop = warp(image, np.array([[1, 0, 5], [0, 1, 0]], np.float32), (30, 20))
    assert (crop[:, 5:] == 200).all()
    assert (crop[:, :5] == 0).all()


@pytest.mark.parametrize("shrink", [1.0, 2.0, 3.5, 8.0])
@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_a_fine_warp_keeps_places_and_does_not_alias(shrink: float, angle: float) -> None:
    size = 800
    rows, columns = np.indices((size, size), dtype=np.float32)
    grey = 128 + 100 * np.sin(columns / 60) * np.cos(rows / 60)
    stripes = 20 * np.where(np.arange(size) % 2, 1, -1)
    image = np.repeat((grey + stripes)[:, :, None], 3, axis=2).astype(np.uint8)
    image.flags.writeable = False
    matrix = level_crop((400, 400), 60 * shrink, angle, 60)
    crop = warp_finely(image, matrix, (60, 60))
    assert crop.shape == (60, 60, 3)
    inside = np.indices((60, 60)).reshape(2, -1).T[:, ::-1].astype(np.float32)
    expected = grey[tuple(np.rint(apply(invert(matrix), inside)).astype(int).T[::-1])].reshape(60, 60)
    limit = 25 if shrink < 2 else 10
    assert np.abs(crop[:, :, 0] - expected).mean() < limit


@pytest.mark.parametrize("centre", [(0, 0), (800, 0), (-300, 400), (2000, 2000)])
def test_a_fine_warp_at_and_beyond_the_edges_is_black_outside(centre: tuple[float, float]) -> None:
    image = np.full((800, 800, 3), 200, np.uint8)
    crop = warp_finely(image, level_crop(centre, 400, 0.3, 112), (112, 112))
    assert crop.shape == (112, 112, 3)
    assert crop.min() == 0
