"""A terminal out of its box: set up in a browser, a person enrolled at its camera, the door opened by their face."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import axe, looking
from tests.browser.console_page import PASSWORD, REFUSALS, Console
from tests.browser.terminals import PageTerminal

# The film shows its person once in 12 s; enrolling waits for them, and so does the door.
A_WHOLE_FILM_MS = 60_000


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Iterator[PageTerminal]:
    """Nobody is enrolled and nobody may log in."""
    terminal = PageTerminal(tmp_path_factory.mktemp("fresh"), film)
    with terminal.running():
        yield terminal


def test_from_the_set_up_code_to_an_opened_door(browser: Browser, fresh: PageTerminal) -> None:
    with looking(browser, locale="en-GB") as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, fresh)
        page.goto(f"{fresh.url}/console")
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up this terminal")
        axe(page)
        _set_up(console, "wrong-code")
        expect(page.get_by_role("alert")).to_contain_text("is wrong")
        _set_up(console, fresh.auther("console", "setup-code").output.strip())

        console.open("people")
        expect(console.main).to_contain_text("Nobody is enrolled yet")
        axe(page)
        console.button("Enrol at the camera").click()
        console.dialog.get_by_label("Person ID").fill("Grace Hopper")
        page.keyboard.press("Enter")
        expect(console.dialog.get_by_label("Person ID")).to_have_attribute("aria-invalid", "true")
        console.dialog.get_by_label("Person ID").fill("grace.hopper")
        page.keyboard.press("Enter")
        expect(console.dialog.get_by_role("img")).to_have_attribute("src", re.compile("^data:image/jpeg"))
        expect(console.dialog).to_contain_text("grace.hopper is enrolled", timeout=A_WHOLE_FILM_MS)
        axe(page)
        console.button("Close").last.click()
        expect(page.get_by_role("link", name="grace.hopper")).to_be_visible()

        console.open("now")
        granted = page.get_by_role("listitem").filter(has_text="Let in").filter(has_text="grace.hopper")
        expect(granted.first).to_be_visible(timeout=A_WHOLE_FILM_MS)
        expect(page.locator(".door-state")).to_contain_text("Unlocked")


def _set_up(console: Console, code: str) -> None:
    page = console.page
    page.get_by_label("Set-up code").fill(code)
    page.get_by_label("User name").fill("anna")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    console.button("Create and log in").click()
