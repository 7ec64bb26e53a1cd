"""The screen in a real browser, before a real terminal whose camera shows the demonstration's film."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Problems
from tests.browser.terminals import PageTerminal
from tests.ports import free_port

# Several times the film: a slow machine plays it no slower, but looks at fewer of its frames.
LONG_MS = 90_000
AWAY = "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"


class Screen:
    """The page of a terminal that has one."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self) -> "Screen":
        self.page.goto(self.url)
        return self

    def shows(self, mood: str, sentence: str, *, mirror: bool | None = None) -> None:
        """Wait until it does, and with or without the mirror if that matters: all at the same moment."""
        self.page.wait_for_function(
            """([mood, sentence, mirror]) => {
                const shown = document.getElementById("mirror").width > 1;
                const told = document.getElementById("sentence").textContent;
                const right = document.getElementById("screen").dataset.mood === mood && (mirror ?? shown) === shown;
                return right && new RegExp(`^(?:${sentence})$`).test(told);
            }""",
            arg=[mood, sentence, mirror],
            timeout=LONG_MS,
        )


def make_terminal(folder: Path, film: Path, picture: Path, **screen: str) -> PageTerminal:
    """One with a screen of its own port; `screen` are values as they stand in the file."""
    port = free_port()
    keys = {"enabled": "true", "port": str(port), "show": '"name"', **screen}
    lines = "\n".join(f"{key} = {value}" for key, value in keys.items())
    terminal = PageTerminal(folder, film, f"[screen]\n{lines}")
    terminal.screen_url = f"http://127.0.0.1:{port}/screen"
    terminal.enrol("grace.hopper", picture)
    return terminal


@pytest.fixture(scope="module")
def lobby(tmp_path_factory: pytest.TempPathFactory, film: Path, grace_file: Path) -> Iterator[PageTerminal]:
    """A terminal that stays up."""
    terminal = make_terminal(tmp_path_factory.mktemp("lobby"), film, grace_file)
    with terminal.running():
        yield terminal


@pytest.fixture
def screen(page: Page, lobby: PageTerminal) -> Screen:
    return Screen(page, lobby.screen_url).open()


class TestTheFilm:
    def test_who_is_enrolled_is_guided_and_welcomed_and_nobody_leaves_a_quiet_picture(
        self, screen: Screen, portray: Callable[[Page, str], None]
    ) -> None:
        screen.page.set_viewport_size({"width": 1024, "height": 600})
        screen.shows("idle", "Step in front of the camera", mirror=False)
        screen.shows("guide", "Come closer|One moment|Look at the camera|Hold still")
        screen.shows("good", "Welcome, Grace Hopper", mirror=True)
        portray(screen.page, "screen-welcome")
        screen.shows("idle", "Step in front of the camera", mirror=False)

    def test_a_stranger_is_not_recognised(self, screen: Screen) -> None:
        screen.shows("bad", "Not recognised")

    def test_the_picture_is_a_mirror_and_moves(self, screen: Screen) -> None:
        screen.shows("good", "Welcome, Grace Hopper")
        canvas = screen.page.locator("#mirror")
        assert canvas.evaluate("canvas => new DOMMatrix(getComputedStyle(canvas).transform).a") == -1
        before = canvas.evaluate("canvas => canvas.toDataURL()")
        screen.page.wait_for_function("before => document.querySelector('#mirror').toDataURL() !== before", arg=before)


class TestAName:
    def test_is_gone_after_four_seconds(self, page: Page, lobby: PageTerminal) -> None:
        page.clock.install()
        screen = Screen(page, lobby.screen_url).open()
        screen.shows("good", "Welcome, Grace Hopper")
        page.clock.fast_forward(4_000)
        assert "Grace" not in page.locator("body").inner_text()

    def test_is_gone_after_a_reload(self, screen: Screen) -> None:
        screen.shows("good", "Welcome, Grace Hopper")
        screen.page.reload()
        expect(screen.page.get_by_role("heading")).not_to_be_empty()
        assert "Grace" not in screen.page.content()

    def test_is_kept_nowhere(self, screen: Screen) -> None:
        screen.shows("good", "Welcome, Grace Hopper")
        kept = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])"
        assert screen.page.evaluate(kept) == '[{},{},""]'
        assert screen.page.context.cookies() == []


class TestOutOfService:
    @pytest.fixture
    def terminal(self, tmp_path: Path, film: Path, grace_file: Path) -> Iterator[PageTerminal]:
        terminal = make_terminal(tmp_path, film, grace_file, language='"de"')
        with terminal.running():
            yield terminal

    def test_a_stopped_terminal_is_told_and_comes_back_by_itself_in_its_language(
        self, page: Page, problems: Problems, terminal: PageTerminal
    ) -> None:
        problems.allow(AWAY)
        screen = Screen(page, terminal.screen_url).open()
        screen.shows("idle", "Bitte vor die Kamera treten")
        assert page.locator("html").get_attribute("lang") == "de"
        assert page.title() == "Tür"
        terminal.stop()
        screen.shows("broken", "Außer Betrieb", mirror=False)
        terminal.start()
        screen.shows("good", "Willkommen, Grace Hopper")

    def test_after_an_update_the_page_is_loaded_anew(self, page: Page, lobby: PageTerminal) -> None:
        page.route("**/screen/events", lambda route: route.fulfill(content_type="text/event-stream", body=_updates()))
        with page.expect_navigation(), page.expect_event("load"):
            page.goto(lobby.screen_url)
            page.wait_for_event("load")


def _updates() -> str:
    settings = '{{"language": "en", "view": false, "sound": false, "build": "{build}", "sent": 1}}'
    return "".join(f"event: settings\ndata: {settings.format(build=build)}\n\n" for build in ("old", "new"))


class TestElsewhere:
    def test_a_key_in_the_address_shows_the_screen_and_is_not_in_the_address_any_more(
        self, page: Page, lobby: PageTerminal
    ) -> None:
        key = lobby.key("tablet", "screen")
        screen = Screen(page, f"{lobby.url}/screen#key={key}").open()
        screen.shows("idle", "Step in front of the camera")
        assert page.url == f"{lobby.url}/screen"
        page.reload()
        screen.shows("good", "Welcome, Grace Hopper")

    def test_without_a_key_it_says_that_it_needs_one(self, page: Page, problems: Problems, lobby: PageTerminal) -> None:
        problems.allow("status of 401")
        screen = Screen(page, f"{lobby.url}/screen").open()
        screen.shows("broken", "This screen is not set up")
