"""Every sentence of the screen in every language, as it stands on displays of several shapes."""

from typing import Any

import pytest
from playwright.sync_api import Page

from daemon.config.screen import LANGUAGES
from tests.browser.chromium import axe
from tests.browser.terminals import PageTerminal

LONGEST_NAME = "Wolfeschlegelsteinhausenberger Hopper-Bergerdorff"

SHOW = """async ([language, name]) => {
    const { SCENES } = await import("/web/screen/scene.js");
    const { Picture } = await import("/web/screen/picture.js");
    const { loadWords } = await import("/web/shared/i18n.js");
    const words = await loadWords("/web/screen/languages", language);
    const named = { mood: "good", icon: "good", sentence: "outcome.welcome_name", name };
    const picture = (window.picture ??= new Picture());
    picture.tick(new Date(), language);
    const cut = [];
    for (const scene of [...SCENES, named]) {
        picture.show(scene, words);
        const panel = document.querySelector(".told");
        const inner = panel.getBoundingClientRect();
        const oval = document.querySelector(".oval").getBoundingClientRect();
        const whole = inner.left >= 0 && inner.right <= innerWidth && inner.bottom <= innerHeight && oval.top >= 0;
        const fits = panel.scrollWidth <= panel.clientWidth && document.documentElement.scrollWidth <= innerWidth;
        const words_ = document.getElementById("sentence").getBoundingClientRect();
        if (!whole || !fits || words_.top < inner.top || words_.right > inner.right) cut.push(panel.innerText);
    }
    return cut;
}"""


@pytest.fixture
def page_at_rest(page: Page, terminal: PageTerminal) -> Page:
    """The screen's page with everything but what listens to a terminal."""
    page.route("**/screen/main.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(f"{terminal.url}/screen")
    return page


@pytest.mark.parametrize("language", sorted(file.stem for file in LANGUAGES.glob("*.json")))
def test_nothing_is_cut_off(page_at_rest: Page, language: str) -> None:
    for width, height in ((390, 844), (320, 568), (800, 480), (1024, 600), (1080, 1920), (1920, 1080)):
        page_at_rest.set_viewport_size({"width": width, "height": height})
        assert page_at_rest.evaluate(SHOW, [language, LONGEST_NAME]) == [], (width, height)


def one_of_each_mood(page: Page) -> list[Any]:
    scenes: list[Any] = page.evaluate("import('/web/screen/scene.js').then(m => m.SCENES)")
    return list({(scene["mood"], "detail" in scene): scene for scene in scenes}.values())


def test_every_mood_can_be_read_by_everybody(page_at_rest: Page) -> None:
    page_at_rest.evaluate(SHOW, ["en", "Ada"])
    scenes = one_of_each_mood(page_at_rest)
    assert {scene["mood"] for scene in scenes} == {"idle", "guide", "challenge", "good", "bad", "wait", "broken"}
    for scene in scenes:
        page_at_rest.evaluate(
            """async scene => {
                const { loadWords } = await import("/web/shared/i18n.js");
                window.picture.show(scene, await loadWords("/web/screen/languages", "en"));
            }""",
            scene,
        )
        axe(page_at_rest)


def test_good_is_told_from_everything_else_by_its_shape_too(page_at_rest: Page) -> None:
    scenes = page_at_rest.evaluate("import('/web/screen/scene.js').then(m => m.SCENES)")
    icons = {good: {s["icon"] for s in scenes if (s["mood"] == "good") is good} for good in (True, False)}
    # The tick of "thank you" follows a welcome.
    assert icons[True] & icons[False] <= {"good"}
    assert {s["sentence"] for s in scenes if s["icon"] == "good"} == {"outcome.welcome", "hint.done"}
    rings = [
        page_at_rest.evaluate(
            """mood => {
                document.getElementById("screen").dataset.mood = mood;
                return getComputedStyle(document.querySelector(".oval")).borderTopStyle;
            }""",
            mood,
        )
        for mood in ("good", "bad", "wait")
    ]
    assert rings == ["solid", "dashed", "dotted"]


class TestMoment:
    def left(self, page: Page, messages: list[tuple[int, int]], happened: dict[str, object], now: int) -> float:
        body = """async ([messages, happened, now]) => {
            const { Moment } = await import("/web/screen/moment.js");
            const moment = new Moment();
            for (const [sent, heard] of messages) moment.heard(sent, heard);
            return moment.left(happened, now);
        }"""
        return float(page.evaluate(body, [messages, happened, now]))

    def test_what_comes_at_once_is_shown_for_four_seconds(self, page_at_rest: Page) -> None:
        welcome = {"outcome": "welcome", "at": 5_000}
        assert self.left(page_at_rest, [(1_000, 101_000), (5_000, 105_000)], welcome, 105_000) == 4_000

    def test_what_was_held_up_is_shown_for_less_and_what_is_old_not_at_all(self, page_at_rest: Page) -> None:
        welcome = {"outcome": "welcome", "at": 5_000}
        assert self.left(page_at_rest, [(1_000, 101_000), (5_000, 108_500)], welcome, 108_500) == 500
        assert self.left(page_at_rest, [(1_000, 101_000), (5_000, 165_000)], welcome, 165_000) < 0

    def test_clocks_that_differ_lengthen_nothing(self, page_at_rest: Page) -> None:
        welcome = {"outcome": "welcome", "at": 9_000}
        assert self.left(page_at_rest, [(8_000, 1_000)], welcome, 1_500) == 4_000

    def test_what_is_asked_for_stays_longer(self, page_at_rest: Page) -> None:
        asked = {"outcome": "second_factor", "at": 0}
        assert self.left(page_at_rest, [(0, 0)], asked, 0) == 8_000


def test_pictures_come_together_wherever_the_stream_was_cut(page_at_rest: Page) -> None:
    body = """async () => {
        const { FrameParser } = await import("/web/shared/frames.js");
        const one = [0, 0, 0, 2, 123, 125, 0, 0, 0, 3, 7, 8, 9];
        const stream = new Uint8Array([...one, ...one]);
        const told = [];
        for (let cut = 0; cut <= stream.length; cut++) {
            const parser = new FrameParser();
            const frames = [...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))];
            told.push(JSON.stringify(frames.map(frame => [frame.header, [...frame.jpeg]])));
        }
        return [...new Set(told)];
    }"""
    assert page_at_rest.evaluate(body) == ["[[{},[7,8,9]],[{},[7,8,9]]]"]


def test_a_length_that_can_t_be_ends_the_stream(page_at_rest: Page) -> None:
    body = """import("/web/shared/frames.js").then(({ FrameParser }) => {
        try { return new FrameParser().push(new Uint8Array([255, 0, 0, 0, 0])); } catch (error) { return error.name; }
    })"""
    assert page_at_rest.evaluate(body) == "RangeError"


@pytest.mark.parametrize(("on", "mood", "tones"), [(True, "good", 2), (True, "guide", 0), (False, "good", 0)])
def test_tones_are_played_where_they_are_wanted(page_at_rest: Page, on: bool, mood: str, tones: int) -> None:
    body = """async ([on, mood]) => {
        const { Sound } = await import("/web/screen/sound.js");
        const started = [];
        OscillatorNode.prototype.start = function () { started.push(this.frequency.value); };
        OscillatorNode.prototype.stop = () => {};
        const sound = new Sound();
        sound.on = on;
        sound.play(mood);
        return started.length;
    }"""
    assert page_at_rest.evaluate(body, [on, mood]) == tones
