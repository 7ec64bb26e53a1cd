"""Every view of the console at a running terminal: for everybody, on a phone, in German, in every state."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.chromium import Problems, axe, looking
from tests.browser.console_page import AWAY, REFUSALS, VIEWS, Console, add_user
from tests.browser.terminals import PageTerminal

PHONE = {"width": 360, "height": 740}
# What a view asks the terminal for.
CALLS = {
    "events": "/device/events?",
    "people": "/persons?",
    "people/grace.hopper": "/person/grace.hopper/access",
    "door": "/device/config",
    "day": "/device/day?",
    "settings": "/device/settings",
    "users": "/console/users",
    "keys": "/device/keys",
    "backups": "/device/backups",
    "audit": "/device/audit?",
    "logs": "/device/logs?",
}


@pytest.fixture(scope="module", autouse=True)
def users(terminal: PageTerminal) -> None:
    add_user(terminal, "adele", "administrator")


@pytest.fixture(scope="module")
def desk(browser: Browser, terminal: PageTerminal) -> Iterator[tuple[Console, Problems]]:
    """At a desk, in English, logged in for all tests of this module."""
    with looking(browser, locale="en-GB", viewport={"width": 1280, "height": 800}) as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, terminal)
        console.log_in("adele")
        yield console, problems


@pytest.fixture
def console(desk: tuple[Console, Problems]) -> Iterator[Console]:
    yield desk[0]
    desk[0].page.unroute_all(behavior="ignoreErrors")
    # A test that failed in a dialog leaves the next one none.
    desk[0].page.goto("about:blank")
    assert not desk[1].left, desk[1].left


@pytest.fixture
def faulty(desk: tuple[Console, Problems]) -> Iterator[Console]:
    """The same, where the network is about to fail: what the browser says of that is no problem."""
    console, problems = desk
    yield console
    console.page.unroute_all(behavior="ignoreErrors")
    problems.found[:] = [text for text in problems.found if not re.search(f"{AWAY}|status of 500", text)]


@pytest.fixture(scope="module")
def phone(browser: Browser, terminal: PageTerminal) -> Iterator[Console]:
    """A German phone at night."""
    with looking(browser, locale="de-DE", viewport=PHONE, color_scheme="dark", has_touch=True) as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, terminal)
        console.log_in("adele")
        yield console


@pytest.mark.parametrize("view", VIEWS)
def test_everybody_can_use_it_at_a_desk(console: Console, view: str) -> None:
    console.open(view)
    axe(console.page)


@pytest.mark.parametrize("view", VIEWS)
def test_everybody_can_use_it_on_a_german_phone(phone: Console, view: str) -> None:
    phone.open(view, language=1)
    axe(phone.page)
    assert phone.page.locator("html").get_attribute("lang") == "de"
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_menu_of_a_phone_unfolds_and_folds_by_itself(phone: Console) -> None:
    phone.open("now", language=1)
    link = phone.page.get_by_role("link", name="Ereignisse", exact=True)
    expect(link).to_be_hidden()
    phone.button("Menü").click()
    axe(phone.page)
    link.click()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Ereignisse")
    expect(link).to_be_hidden()


@pytest.mark.parametrize("view", CALLS)
def test_a_failure_is_told_with_the_terminal_s_words_and_can_be_tried_again(faulty: Console, view: str) -> None:
    failure = {"code": "S_001", "type": "server", "message": "Tell the Request-Id to who runs the terminal"}
    _answer(faulty.page, view, status=500, body=failure)
    faulty.page.goto("about:blank")
    faulty.open(view)
    expect(faulty.main).to_contain_text("This could not be shown")
    expect(faulty.main).to_contain_text(failure["message"])
    axe(faulty.page)
    faulty.page.unroute_all(behavior="ignoreErrors")
    faulty.button("Try again").click()
    expect(faulty.main).not_to_contain_text("This could not be shown")


@pytest.mark.parametrize("view", CALLS)
def test_a_terminal_that_is_away_is_told_and_no_view_stays_behind(faulty: Console, view: str) -> None:
    faulty.page.route(re.compile(re.escape(CALLS[view])), lambda route: route.abort("connectionrefused"))
    faulty.page.goto("about:blank")
    faulty.open(view)
    expect(faulty.main).to_contain_text("The terminal can’t be reached")
    faulty.page.unroute_all(behavior="ignoreErrors")
    # Some views ask again by themselves and have taken the button away meanwhile.
    faulty.page.evaluate("document.querySelector('.notice button')?.click()")
    expect(faulty.main).not_to_contain_text("The terminal can’t be reached")


def test_what_loads_has_an_outline_that_is_heard(console: Console) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    console.page.route(re.compile(re.escape(CALLS["people"])), hold)
    console.page.goto(f"{console.terminal.url}/console#/people")
    expect(console.main.get_by_role("status").filter(has_text="Loading")).to_be_attached()
    axe(console.page)
    for route in waiting:
        route.continue_()
    expect(console.page.get_by_role("link", name="grace.hopper")).to_be_visible()


@pytest.mark.parametrize(
    ("view", "words"),
    [("keys", "There are no API keys"), ("backups", "There is no backup yet")],
)
def test_what_is_empty_says_what_to_do(console: Console, view: str, words: str) -> None:
    console.open(view)
    expect(console.main).to_contain_text(words)


def test_a_search_without_a_hit_says_so(console: Console) -> None:
    console.open("people")
    console.page.get_by_role("searchbox").fill("<b>nobody</b>")
    expect(console.main).to_contain_text("Nobody’s ID contains “<b>nobody</b>”")
    console.open("events")
    console.page.get_by_label("Person").fill("nobody")
    console.page.keyboard.press("Enter")
    expect(console.main).to_contain_text("No event matches")
    console.button("Clear").click()
    expect(console.main).not_to_contain_text("No event matches")


def test_the_keyboard_skips_to_the_content_and_comes_back_from_a_dialog(console: Console) -> None:
    page = console.page
    console.open("people")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(console.main).to_be_focused()
    opener = console.button("Enrol from pictures")
    opener.focus()
    page.keyboard.press("Enter")
    expect(console.dialog).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(console.dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_day_s_charts_have_their_figures_as_tables(console: Console) -> None:
    console.open("now")
    expect(console.page.get_by_role("listitem").filter(has_text="Let in").first).to_be_visible(timeout=60_000)
    console.open("day")
    expect(console.page.locator("canvas").nth(2)).to_be_visible()
    chart = console.page.locator("figure").first
    chart.get_by_text("Show as table").click()
    expect(chart.get_by_role("table")).to_contain_text("Let in")
    axe(console.page)


def test_a_setting_that_is_wrong_is_told_at_its_field_and_a_right_one_is_written(console: Console) -> None:
    console.open("settings")
    page = console.page
    field = page.get_by_label("pulse seconds", exact=True)
    field.fill("999")
    console.button("Save changes").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    axe(page)
    field.fill("4.5")
    console.button("Save changes").click()
    expect(page.get_by_text("Some hold after a restart only")).to_be_visible()
    assert "pulse_seconds = 4.5" in console.terminal.auther.config.read_text()
    expect(page.get_by_text("Waits for a restart")).to_be_visible()


def test_a_key_is_shown_once_and_works_until_it_is_revoked(console: Console) -> None:
    console.open("keys")
    page = console.page
    console.button("Create key").first.click()
    console.dialog.get_by_label("Name").fill("visitors")
    console.dialog.get_by_label("see state and events").check()
    console.dialog.get_by_role("button", name="Create key").click()
    shown = page.locator("input[readonly]")
    key = shown.input_value()
    axe(page)
    status = f"{console.terminal.url}/device/status"
    assert page.request.get(status, headers={"Api-Key": key}).ok
    console.button("I have kept it").click()
    expect(shown).to_have_count(0)  # also of what is hidden: it is taken out a moment after the dialog has closed
    assert key not in page.content()
    page.get_by_role("button", name="Revoke visitors").click()
    console.dialog.get_by_role("button", name="Revoke", exact=True).click()
    expect(console.main).to_contain_text("Revoked")
    assert page.request.get(status, headers={"Api-Key": key, "Cookie": ""}).status == 401


def test_a_backup_is_made_downloaded_and_deleted(console: Console) -> None:
    console.open("backups")
    page = console.page
    console.button("Make a backup").click()
    console.dialog.get_by_label("New password").fill("a long passphrase of mine")
    console.dialog.get_by_label("The same once more").fill("a long passphrase of mine")
    console.dialog.get_by_role("button", name="Make a backup").click()
    link = console.main.get_by_role("table").get_by_role("link")
    with page.expect_download() as download:
        link.click()
    assert download.value.path().stat().st_size > 1000
    page.get_by_role("button", name=re.compile("^Delete ")).click()
    console.dialog.get_by_role("button", name="Remove").click()
    expect(console.main).to_contain_text("There is no backup yet")


def test_the_trail_knows_who_did_it_and_is_whole(console: Console) -> None:
    console.open("audit")
    expect(console.main).to_contain_text("console:adele")
    console.button("Check the trail").click()
    expect(console.main).to_contain_text("The trail is whole")


def _answer(page: Page, view: str, *, status: int, body: dict[str, str]) -> None:
    page.route(
        re.compile(re.escape(CALLS[view])),
        lambda route: route.fulfill(status=status, content_type="application/json", body=json.dumps(body)),
    )
