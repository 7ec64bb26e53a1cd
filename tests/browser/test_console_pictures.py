"""The pictures of the README, taken of a running terminal; kept where AUTHER_SCREENSHOTS says."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.chromium import looking
from tests.browser.console_page import REFUSALS, Console, add_user
from tests.browser.past import write_yesterday
from tests.browser.terminals import PageTerminal

LARGEST_BYTES = 150_000
RULES = """
[device]
id = "front-door"
[rules]
default_schedule = "office"
[rules.schedules.office]
windows = ["daily 00:00-24:00"]
[rules.schedules.cleaning]
windows = ["mon-fri 18:00-22:00", "sat 08:00-12:00"]
[rules.group_schedules]
cleaners = "cleaning"
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, film: Path, grace_file: Path) -> Iterator[PageTerminal]:
    folder = tmp_path_factory.mktemp("shown")
    terminal = PageTerminal(folder, film, RULES)
    terminal.enrol("grace.hopper", grace_file)
    write_yesterday(folder / "store")
    add_user(terminal, "anna", "administrator")
    with terminal.running():
        yield terminal


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(browser: Browser, shown: PageTerminal, tmp_path: Path, scheme: str) -> None:
    folder = Path(os.environ.get("AUTHER_SCREENSHOTS", tmp_path))
    size = {"width": 1280, "height": 820}
    with looking(browser, locale="en-GB", viewport=size, color_scheme=scheme, timezone_id="UTC") as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, shown)
        console.log_in("anna")
        if scheme == "light":
            console.open("now")
            expect(page.locator(".face.granted")).to_be_attached(timeout=60_000)
            expect(page.locator(".measures")).to_be_visible()
            _keep(page.screenshot(), folder / "console-now.webp")
        else:
            console.open("day")
            console.button("The day before").click()
            expect(page.locator(".tile").first).to_contain_text("910")
            expect(page.locator("canvas").first).to_be_visible()
            _keep(page.screenshot(), folder / "console-day.webp")


def _keep(png: bytes, file: Path) -> None:
    Image.open(io.BytesIO(png)).save(file, quality=82, method=6)
    assert file.stat().st_size <= LARGEST_BYTES
