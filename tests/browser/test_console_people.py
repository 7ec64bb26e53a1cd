"""People in the console: enrolled from files, suspended, given hours and a PIN, erased with a receipt."""

import base64
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, expect

from models.geometry import Image
from tests.browser.chromium import axe, looking
from tests.browser.console_page import REFUSALS, Console, add_user
from tests.browser.terminals import PageTerminal


@pytest.fixture(scope="module")
def console(browser: Browser, terminal: PageTerminal) -> Iterator[Console]:
    add_user(terminal, "petra", "administrator")
    with looking(browser, locale="en-GB") as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, terminal)
        console.log_in("petra")
        yield console


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory, astronaut: Image) -> Path:
    """Large enough to enrol with; the package's own picture is taken from too far away."""
    file = tmp_path_factory.mktemp("portrait") / "astronaut.png"
    assert cv2.imwrite(str(file), cv2.resize(astronaut[0:360, 80:380], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    return file


@pytest.fixture(scope="module")
def eileen(console: Console, portrait: Path) -> str:
    """Enrolled from a file for the tests of this module."""
    console.open("people")
    console.button("Enrol from pictures").click()
    console.dialog.get_by_label("Choose pictures").set_input_files(portrait)
    console.dialog.get_by_label("Person ID").fill("eileen.collins")
    console.button("Enrol all").click()
    expect(console.dialog.get_by_role("listitem")).to_contain_text("Enrolled")
    axe(console.page)
    console.button("Close").last.click()
    expect(console.page.get_by_role("link", name="eileen.collins")).to_be_visible()
    return "eileen.collins"


def test_pictures_can_be_dropped_and_what_is_wrong_with_one_is_told(
    console: Console, eileen: str, portrait: Path
) -> None:
    console.open("people")
    console.button("Enrol from pictures").click()
    _drop(console, "another name.png", portrait.read_bytes())
    _drop(console, "eileen.collins.png", portrait.read_bytes())
    _drop(console, "damaged.png", b"no picture")
    first, second, third = (console.dialog.get_by_role("listitem").nth(index) for index in range(3))
    expect(first.get_by_label("Person ID")).to_have_value("another.name")
    console.button("Enrol all").click()
    expect(first).to_contain_text("This face is enrolled under another ID")
    expect(second).to_contain_text("This ID is taken")
    expect(third).to_contain_text("This is not a JPEG, PNG, WebP or BMP picture")
    second.get_by_label("Replace").check()
    console.button("Enrol all").click()
    expect(second.get_by_text("Enrolled", exact=True)).to_be_visible()
    console.page.keyboard.press("Escape")


def test_somebody_suspended_is_marked_and_may_come_again(console: Console, eileen: str) -> None:
    page = console.page
    page.goto(f"{console.terminal.url}/console#/people/{eileen}")
    console.button("Suspend").click()
    console.dialog.get_by_role("button", name="Suspend").click()
    expect(console.main).to_contain_text("Suspended")
    console.button("Resume").click()
    expect(console.main).to_contain_text("Active")


def test_hours_groups_and_a_pin_are_kept(console: Console, eileen: str) -> None:
    page = console.page
    page.goto(f"{console.terminal.url}/console#/people/{eileen}")
    page.get_by_label("Valid until").fill("2030-12-31T18:00")
    page.get_by_label("Groups").fill("visitors, crew, visitors")
    console.button("Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    page.get_by_role("button", name="PIN: Set").click()
    console.dialog.get_by_label("PIN", exact=True).fill("12")
    console.dialog.get_by_role("button", name="Save").click()
    expect(console.dialog.get_by_role("alert")).to_be_visible()
    console.dialog.get_by_label("PIN", exact=True).fill("471147")
    console.dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="PIN: Remove")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Valid until")).to_have_value("2030-12-31T18:00")
    expect(page.get_by_label("Groups")).to_have_value("visitors, crew")


def test_an_erasure_is_confirmed_by_the_id_and_leaves_a_receipt(console: Console, eileen: str) -> None:
    page = console.page
    page.goto(f"{console.terminal.url}/console#/people/{eileen}")
    console.button("Erase…").click()
    console.dialog.get_by_label(f"Type {eileen} to confirm").fill("eileen")
    console.dialog.get_by_role("button", name="Erase…").click()
    expect(console.dialog).to_contain_text("That is not the ID")
    console.dialog.get_by_label(f"Type {eileen} to confirm").fill(eileen)
    page.keyboard.press("Enter")
    expect(console.dialog).to_contain_text("Receipt of an erasure")
    axe(page)
    with page.expect_download() as download:
        console.button("Save").last.click()
    receipt = download.value.path().read_text(encoding="utf-8")
    assert eileen in receipt
    assert "Erased by: petra" in receipt
    page.emulate_media(media="print")
    expect(console.dialog).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    page.emulate_media(media="screen")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    expect(page.get_by_role("link", name=eileen)).to_have_count(0)


def _drop(console: Console, name: str, content: bytes) -> None:
    """As a browser tells a page of a file that is dropped on it."""
    transfer = console.page.evaluate_handle(
        """([name, content]) => {
            const transfer = new DataTransfer();
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { type: "image/png" }));
            return transfer;
        }""",
        [name, base64.b64encode(content).decode()],
    )
    console.page.locator(".drop").dispatch_event("drop", {"dataTransfer": transfer})
