"""The modules that all pages share, run where they belong: in a browser, from a terminal."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Problems
from tests.browser.terminals import PageTerminal


@pytest.fixture
def blank(page: Page, terminal: PageTerminal) -> Page:
    """A page of the terminal's origin and content policy that runs nothing of its own."""
    page.route("**/main.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(f"{terminal.url}/screen")
    return page


def evaluate(page: Page, module: str, body: str, *arguments: Any) -> Any:
    """What `body` returns, in which `m` is the module."""
    return page.evaluate(
        f"async given => {{ const m = await import('/web/shared/{module}'); {body} }}", list(arguments)
    )


class TestEventParser:
    def parse(self, page: Page, *pieces: str) -> Any:
        return evaluate(
            page, "sse.js", "const p = new m.EventParser(); return given.map(text => p.push(text));", *pieces
        )

    def test_pieces_may_end_anywhere(self, blank: Page) -> None:
        answer = self.parse(blank, "event: hi", 'nt\ndata: {"a"', ":1}\n", "\n")
        assert answer == [[], [], [], [{"event": "hint", "data": '{"a":1}'}]]

    def test_comments_and_other_fields_say_nothing(self, blank: Page) -> None:
        assert self.parse(blank, ": listening\n\nid: 7\ndata\ndata:x\n\n") == [[{"event": "message", "data": "\nx"}]]

    def test_all_three_line_ends_are_known(self, blank: Page) -> None:
        one = {"event": "message", "data": "1"}
        assert self.parse(blank, "data: 1\r\n\r", "\ndata: 1\r\rdata: 1\n\n") == [[], [one, one, one]]


def test_waiting_grows_up_to_its_most_and_begins_anew(blank: Page) -> None:
    body = """
        const b = new m.Backoff(100, 1000, () => 1);
        const first = [b.next(), b.next(), b.next(), b.next(), b.next()];
        b.reset();
        return [...first, b.next()];
    """
    assert evaluate(blank, "backoff.js", body) == [100, 200, 400, 800, 1000, 100]


def test_a_sentence_holds_its_values_and_a_missing_one_shows_its_key(blank: Page) -> None:
    body = """
        const words = new m.Words("en", { hello: "Hello {name}, {name} {what}" });
        return [words.say("hello", { name: "<b>Ada</b>" }), words.say("gone")];
    """
    assert evaluate(blank, "i18n.js", body) == ["Hello <b>Ada</b>, <b>Ada</b> {what}", "gone"]


def test_text_never_becomes_markup(blank: Page) -> None:
    body = """
        const element = m.h("p", { class: "a", hidden: false, "data-n": 3 }, "<img src=x>", null, [m.h("b", {}, 1)]);
        return element.outerHTML;
    """
    assert evaluate(blank, "dom.js", body) == '<p class="a" data-n="3">&lt;img src=x&gt;<b>1</b></p>'


class TestCalls:
    def test_a_refusal_carries_the_terminal_s_own_words(self, blank: Page, problems: Problems) -> None:
        problems.allow("status of 401")
        body = "return m.call('GET', '/device/status').catch(e => [e.name, e.status, e.code, e.offline, e.message])"
        name, status, code, offline, message = evaluate(blank, "api.js", body)
        assert (name, status, code, offline) == ("CallError", 401, "A_001", False)
        assert "Api-Key" in message

    def test_a_terminal_that_is_away_is_told_as_such(self, blank: Page, problems: Problems) -> None:
        problems.allow("ERR_INTERNET_DISCONNECTED")
        # The module has to be there before the network goes.
        evaluate(blank, "api.js", "return 1")
        blank.context.set_offline(True)
        body = "return m.call('GET', '/health/live').catch(e => [e.name, e.status, e.offline])"
        assert evaluate(blank, "api.js", body) == ["CallError", 0, True]


@pytest.mark.parametrize("attack", ["eval('1')", "document.body.innerHTML = '<i>x</i>'", "new Function('1')()"])
def test_no_text_becomes_code_or_markup_under_the_content_policy(blank: Page, problems: Problems, attack: str) -> None:
    problems.allow("Content Security Policy|TrustedHTML|TrustedScript")
    # Later, because what Playwright evaluates itself stands outside of the policy.
    told = blank.evaluate(
        f"""() => new Promise(done => setTimeout(() => {{
            try {{ {attack}; done("it ran"); }} catch (error) {{ done(error.message); }}
        }}))"""
    )
    assert "Content Security Policy" in told or "Trusted" in told
