"""One browser for all tests of the pages, the film that their terminals see, and a page that must not fail."""

import importlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import WAIT_MS, Problems, launch, looking, missing
from tests.browser.terminals import PageTerminal
from tests.conftest import ROOT


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, help="folder in which to put the README's pictures of the pages")


# Not for the session: while Playwright runs, no other test could run an event loop of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[tuple[Page, Problems]]:
    """A page and its problems, for tests that cause some on purpose."""
    with looking(browser) as seen:
        yield seen


@pytest.fixture
def page(watched: tuple[Page, Problems]) -> Page:
    return watched[0]


@pytest.fixture
def problems(watched: tuple[Page, Problems]) -> Problems:
    return watched[1]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's, cut short: nobody, Grace Hopper, nobody, a stranger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "scripts"))
        demo_film = importlib.import_module("demo_film")
        scenes = ((None, 2.2), ("person", 3.6), (None, 2.2), ("stranger", 4.0))
        patch.setattr(demo_film, "SCENES", tuple(demo_film.Scene("", actor, 0.0, length) for actor, length in scenes))
        file = tmp_path_factory.mktemp("film") / "film.avi"
        demo_film.shoot(file)
        return file


@pytest.fixture(scope="package")
def terminal(tmp_path_factory: pytest.TempPathFactory, film: Path, grace_file: Path) -> Iterator[PageTerminal]:
    """Runs for all tests that neither stop it nor change it; it knows Grace Hopper."""
    terminal = PageTerminal(tmp_path_factory.mktemp("terminal"), film)
    terminal.enrol("grace.hopper", grace_file)
    with terminal.running():
        yield terminal


@pytest.fixture
def portray(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Puts what a page shows into the folder of --pictures, if there is one: small, for the README."""
    # Not known where this folder's conftest was read too late to add it.
    folder: Path | None = request.config.getoption("--pictures", default=None)

    def save(page: Page, name: str) -> None:
        if folder is not None:
            picture = Pillow.open(BytesIO(page.screenshot(animations="disabled")))
            picture.thumbnail((640, 640))
            picture.save(folder / f"{name}.webp", quality=80)

    return save
