"""The API's own description, as an integrator reads and tries it."""

import base64
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Problems, axe
from tests.browser.terminals import PageTerminal


@pytest.fixture
def docs(page: Page, terminal: PageTerminal) -> Page:
    page.goto(f"{terminal.url}/docs")
    expect(page.locator("#identify h3")).to_contain_text("Who is it (1:N)")
    return page


def tried(page: Page, call: str) -> str:
    """What the terminal answers to a call as the page offers it, status first."""
    section = page.locator(f"#{call}")
    section.get_by_role("button", name="Send").click()
    output = section.locator("form pre")
    expect(output).to_contain_text("Request-Id")
    return output.inner_text()


def test_a_face_is_identified_from_the_page(docs: Page, terminal: PageTerminal, grace_file: Path) -> None:
    docs.get_by_label("Api-Key").fill(terminal.key("docs-reader", "identify"))
    section = docs.locator("#identify")
    section.get_by_text("Try it").click()
    picture = base64.b64encode(grace_file.read_bytes()).decode()
    section.get_by_label("Body").fill(json.dumps({"faceImage": picture}))
    answer = tried(docs, "identify")
    assert answer.startswith("200")
    assert "grace.hopper" in answer


def test_who_has_no_key_is_told_so(docs: Page, problems: Problems) -> None:
    problems.allow("401")
    docs.locator("#getPerson").get_by_text("Try it").click()
    answer = tried(docs, "getPerson")
    assert answer.startswith("401")
    assert "A_001" in answer


def test_every_call_is_listed_and_linked(docs: Page, terminal: PageTerminal) -> None:
    described = docs.evaluate("fetch('openapi.json').then(answer => answer.json())")
    calls = {one["operationId"] for methods in described["paths"].values() for one in methods.values()}
    linked = docs.locator("#contents a").evaluate_all("links => links.map(link => link.hash.slice(1))")
    assert sorted(linked) == sorted(calls)
    assert docs.evaluate("ids => ids.filter(id => !document.getElementById(id))", linked) == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_can_be_read_by_everybody(docs: Page, width: int, scheme: str) -> None:
    docs.set_viewport_size({"width": width, "height": 900})
    docs.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    axe(docs)
    assert docs.evaluate("document.documentElement.scrollWidth") <= width
