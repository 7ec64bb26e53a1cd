"""What tests of several rooms share: portraits, loaded networks, the evaluation data, and no silent skips in CI."""

import importlib.util
import os
from collections.abc import Generator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

from daemon.config.settings import QualityLimits
from daemon.vision.recogniser import Recogniser
from models.geometry import Image
from models.suite import Suite, load_suite

ROOT = Path(__file__).parent.parent
EVALUATION_DATA = Path(os.environ.get("AUTHER_EVALUATION_DATA", ROOT.parent / "shared" / "data"))

# What a machine is slow at is no defect, and CI must not fail today for what it did not try yesterday.
settings.register_profile("auther", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("auther")

# In CI only these may skip, and those that need the data only where there is none.
MAY_SKIP = ("needs_root", "needs_data")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_data") and not EVALUATION_DATA.is_dir():
        pytest.skip("needs the evaluation data; set AUTHER_EVALUATION_DATA to its folder")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    in_ci = os.environ.get("CI") == "true"
    if in_ci and report.skipped and not hasattr(report, "wasxfail") and not _may_skip(item):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"with CI=true this test may not skip: {reason}"
    return report


def _may_skip(item: pytest.Item) -> bool:
    marker = next((name for name in MAY_SKIP if item.get_closest_marker(name)), None)
    return marker is not None and not (marker == "needs_data" and EVALUATION_DATA.is_dir())


@pytest.fixture(scope="session")
def data() -> Path:
    """The evaluation data; only for tests marked `needs_data`."""
    return EVALUATION_DATA


@pytest.fixture(scope="session")
def full(data: Path) -> Path:
    """Live captures and presentation attacks with their surroundings."""
    return data / "pad_dev" / "full"


@pytest.fixture(scope="session")
def grace_file() -> Path:
    """A public-domain portrait: Rear Admiral Grace Hopper, 512×600."""
    return _package_file("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")


@pytest.fixture(scope="session")
def astronaut_file() -> Path:
    """A public-domain portrait: Colonel Eileen Collins, 512×512."""
    return _package_file("skimage", "data/astronaut.png")


@pytest.fixture(scope="session")
def grace(grace_file: Path) -> Image:
    return _read(grace_file)


@pytest.fixture(scope="session")
def astronaut(astronaut_file: Path) -> Image:
    return _read(astronaut_file)


@pytest.fixture(scope="session")
def two_people(grace: Image, astronaut: Image) -> Image:
    """Both, heads and shoulders side by side, Hopper at the right and a little larger."""
    left = cv2.resize(astronaut[40:240, 110:310], (340, 340), interpolation=cv2.INTER_CUBIC)
    return np.hstack((np.asarray(left, dtype=np.uint8), grace[80:420, 98:438]))


@pytest.fixture(scope="session")
def suite() -> Suite:
    return load_suite()


@pytest.fixture(scope="session")
def recogniser(suite: Suite) -> Recogniser:
    return Recogniser(suite=suite, limits=QualityLimits())


def _package_file(package: str, path: str) -> Path:
    # Located without importing the package: matplotlib and scikit-image each take a second.
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / path


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None
    # As a camera's frames are.
    image.flags.writeable = False
    return np.asarray(image, dtype=np.uint8)
