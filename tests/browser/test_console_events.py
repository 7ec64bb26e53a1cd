"""The pictures that are kept of decisions, looked at in the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import axe, looking
from tests.browser.console_page import REFUSALS, Console, add_user
from tests.browser.terminals import PageTerminal

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory, film: Path, grace_file: Path) -> Iterator[PageTerminal]:
    terminal = PageTerminal(tmp_path_factory.mktemp("keeping"), film)
    config = terminal.auther.config
    config.write_text(config.read_text().replace("[storage]", '[storage]\nkeep_images = ["granted", "denied"]'))
    terminal.enrol("grace.hopper", grace_file)
    add_user(terminal, "adele", "administrator")
    with terminal.running():
        yield terminal


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with looking(browser, locale="en-GB", viewport={"width": 1280, "height": 800}) as (page, problems):
        problems.allow(REFUSALS)
        yield page
        assert not problems.left, problems.left


def test_the_face_of_a_decision_is_shown(keeping: PageTerminal, page: Page) -> None:
    console = Console(page, keeping)
    console.log_in("adele")
    console.open("events")
    show = console.button("Kept picture").first
    show.wait_for(timeout=WAIT_MS)
    axe(page)
    show.click()
    picture = console.dialog.get_by_role("img", name="The face at ")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('.kept-picture').naturalWidth > 0")
    axe(page)
