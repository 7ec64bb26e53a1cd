"""Several at one console: roles, two browsers, a restart under an open page, and a thousand events."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import axe, looking
from tests.browser.console_page import AWAY, REFUSALS, Console, add_user
from tests.browser.past import EVENTS, write_yesterday
from tests.browser.terminals import PageTerminal


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, film: Path, grace_file: Path) -> Iterator[PageTerminal]:
    """A terminal with a thousand events behind it, which these tests may stop and start."""
    folder = tmp_path_factory.mktemp("busy")
    terminal = PageTerminal(folder, film)
    terminal.enrol("grace.hopper", grace_file)
    write_yesterday(folder / "store")
    for role in ("viewer", "operator"):
        add_user(terminal, role, role)
    with terminal.running():
        yield terminal


def test_a_viewer_sees_and_may_nothing_else(browser: Browser, busy: PageTerminal) -> None:
    with looking(browser, locale="en-GB") as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, busy)
        console.log_in("viewer")
        console.open("door")
        expect(console.main).to_contain_text("not operate the door")
        expect(console.button("Unlock")).to_have_count(0)
        expect(page.get_by_role("link", name="Settings")).to_have_count(0)
        console.open("people")
        expect(console.button("Enrol at the camera")).to_have_count(0)
        console.open("people/grace.hopper")
        axe(page)
        refused = page.evaluate(
            """async () => {
                const session = await (await fetch("/console/session")).json();
                const headers = { "X-CSRF-Token": session.csrfToken, "Content-Type": "application/json" };
                const body = JSON.stringify({ action: "unlock" });
                return (await fetch("/device/door", { method: "POST", headers, body })).status;
            }"""
        )
        assert refused == 403


def test_what_one_browser_does_the_other_shows(browser: Browser, busy: PageTerminal) -> None:
    with (
        looking(browser, locale="en-GB") as (one, problems),
        looking(browser, locale="en-GB") as (two, others),
    ):
        problems.allow(REFUSALS)
        others.allow(REFUSALS)
        operator, viewer = Console(one, busy), Console(two, busy)
        operator.log_in("operator")
        viewer.log_in("viewer")
        operator.open("door")
        viewer.open("now")
        operator.button("Lock down").click()
        axe(one)
        operator.dialog.get_by_role("button", name="Cancel").click()
        expect(operator.button("Lock down")).to_be_focused()
        operator.button("Lock down").click()
        operator.dialog.get_by_role("button", name="Lock down").click()
        for page in (one, two):
            expect(page.locator(".door-state")).to_contain_text("Lockdown")
        axe(one)
        operator.button("End lockdown").click()
        operator.dialog.get_by_role("button", name="End lockdown").click()
        expect(two.locator(".door-state")).to_contain_text("Locked")
        operator.button("Unlock").click()
        operator.dialog.get_by_role("button", name="Unlock").click()
        expect(two.locator(".door-state")).to_contain_text("Unlocked")


def test_a_thousand_events_come_by_the_page_and_can_be_exported(browser: Browser, busy: PageTerminal) -> None:
    with looking(browser, locale="en-GB") as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, busy)
        console.log_in("viewer")
        console.open("events")
        rows = page.locator("li.event")
        while rows.count() < EVENTS:
            shown = rows.count()
            page.locator(".pages-more").evaluate("end => end.scrollIntoView()")
            expect(rows.nth(shown)).to_be_attached()
        axe(page)
        page.get_by_label("Kind").select_option("denied")
        expect(page.get_by_text("Let in", exact=True).locator("visible=true")).to_have_count(0)
        with page.expect_download() as download:
            page.get_by_role("link", name="Export CSV").click()
        exported = download.value.path().read_text(encoding="utf-8")
        assert "granted" not in exported
        assert exported.count("denied") >= EVENTS // 11


def test_an_open_page_comes_back_by_itself_after_a_restart(browser: Browser, busy: PageTerminal) -> None:
    with looking(browser, locale="en-GB") as (page, problems):
        problems.allow(f"{REFUSALS}|{AWAY}")
        console = Console(page, busy)
        console.log_in("operator")
        console.open("now")
        expect(page.locator(".live-image")).to_be_visible()
        busy.stop()
        expect(page.get_by_role("status").filter(has_text="reconnects by itself")).to_be_visible()
        axe(page)
        busy.start()
        expect(page.get_by_role("status").filter(has_text="reconnects by itself")).to_be_hidden()
        expect(page.locator(".live-image")).to_be_visible()
        expect(page.locator(".health-word")).to_contain_text("Ready")
        # The session outlived the restart: nobody has to log in anew.
        console.button("Unlock").click()
        console.dialog.get_by_role("button", name="Unlock").click()
        expect(page.locator(".door-state")).to_contain_text("Unlocked")


def test_who_logs_out_is_out(browser: Browser, busy: PageTerminal) -> None:
    with looking(browser, locale="en-GB") as (page, problems):
        problems.allow(REFUSALS)
        console = Console(page, busy)
        console.log_in("operator")
        console.button("Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Console")
        axe(page)
        page.reload()
        expect(page.get_by_label("User name")).to_be_visible()
