import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.geometry import Box, Image
from models.liveness import LivenessModel, LivenessNetwork, crop_surroundings, softmax
from models.manifest import LivenessSpec, load_manifest
from models.suite import Suite

SPEC = load_manifest().liveness[0]
ROWS, COLUMNS = np.indices((480, 640), dtype=np.int32)
# Each pixel tells where it lies: 640 and 480 both fit into two bytes.
PLACES = np.stack((COLUMNS % 256, ROWS % 256, COLUMNS // 256 + 4 * (ROWS // 256)), axis=-1).astype(np.uint8)
PLACES.flags.writeable = False


def corners(crop: Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a crop, read off its pixels."""

    def place(pixel: np.ndarray) -> tuple[int, int]:
        x, y, high = (int(value) for value in pixel)
        return x + 256 * (high % 4), y + 256 * (high // 4)

    return (*place(crop[0, 0]), *place(crop[-1, -1]))


def test_surroundings_are_cut_around_the_box() -> None:
    crop = crop_surroundings(PLACES, Box(300, 200, 50, 60), 2.0)
    assert corners(crop) == (275, 170, 375, 290)


boxes = st.builds(Box, st.floats(-200, 700), st.floats(-200, 600), st.floats(1, 900), st.floats(1, 900))


@given(boxes, st.sampled_from([1.0, 2.7, 4.0]))
def test_surroundings_lie_inside_the_frame_and_are_never_padded(box: Box, scale: float) -> None:
    crop = crop_surroundings(PLACES, box, scale)
    left, top, right, bottom = corners(crop)
    assert crop.shape == (bottom - top + 1, right - left + 1, 3)
    np.testing.assert_array_equal(crop, PLACES[top : bottom + 1, left : right + 1])
    reduced = min(scale, 479 / box.height, 639 / box.width)
    assert right - left == pytest.approx(reduced * box.width, abs=1.01)
    assert bottom - top == pytest.approx(reduced * box.height, abs=1.01)


@pytest.mark.parametrize(
    ("box", "edges"),
    [
        (Box(-20, -20, 100, 100), {"left": 0, "top": 0}),
        (Box(600, 440, 100, 100), {"right": 639, "bottom": 479}),
        (Box(0, 0, 640, 480), {"left": 0, "top": 0, "right": 639, "bottom": 479}),
    ],
)
def test_at_an_edge_they_are_shifted(box: Box, edges: dict[str, int]) -> None:
    found = dict(zip(("left", "top", "right", "bottom"), corners(crop_surroundings(PLACES, box, 2.7)), strict=True))
    assert {edge: found[edge] for edge in edges} == pytest.approx(edges, abs=1)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=5), st.floats(-1000, 1000))
def test_softmax_is_a_distribution_that_ignores_an_offset(logits: list[float], offset: float) -> None:
    values = np.array(logits, np.float32)
    probabilities = softmax(values)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert (probabilities >= 0).all()
    assert probabilities.argmax() == values.argmax() or np.isclose(values.max(), values[probabilities.argmax()])
    np.testing.assert_allclose(softmax(values + np.float32(offset)), probabilities, atol=1e-3)


def test_softmax_of_huge_logits_does_not_overflow() -> None:
    np.testing.assert_allclose(softmax(np.array([1e4, 0, -1e4], np.float32)), [1, 0, 0])


class Answering:
    """A network that answers what a test wants and keeps what it was shown."""

    def __init__(self, *values: float) -> None:
        self._values = values
        self.shown: list[Image] = []

    def run(self, image: Image) -> tuple[np.ndarray]:
        self.shown.append(image)
        return (np.array([self._values], np.float32),)


def network(answer: Answering, **changes: object) -> LivenessNetwork:
    spec = LivenessSpec.model_validate({**SPEC.model_dump(), **changes})
    return LivenessNetwork(spec=spec, network=answer)  # type: ignore[arg-type]


def test_the_manifest_tells_which_class_lives_and_whether_to_normalise() -> None:
    box = Box(100, 100, 50, 50)
    assert network(Answering(0.2, 0.7, 0.1), live_index=1, softmax=False).score(PLACES, box) == pytest.approx(0.7)
    assert network(Answering(0, np.log(2), 0), live_index=1, softmax=True).score(PLACES, box) == pytest.approx(0.5)


def test_a_network_sees_its_own_size_and_several_are_averaged() -> None:
    one, other = Answering(1.0, 0.0, 0.0), Answering(0.0, 1.0, 0.0)
    model = LivenessModel(networks=[network(one, softmax=False), network(other, softmax=False)])
    assert model.score(PLACES, Box(100, 100, 50, 50)) == pytest.approx(0.5)
    assert one.shown[0].shape == (128, 128, 3)


def test_a_real_score_is_a_probability(suite: Suite, grace: Image) -> None:
    (face,) = suite.detector.detect(grace)
    assert 0 <= suite.liveness.score(grace, face.box) <= 1
