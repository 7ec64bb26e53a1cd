"""Every language says everything: a page's languages are files beside each other, with the same keys."""

import json
import re
from pathlib import Path

import pytest

from daemon.config.screen import LANGUAGES, Screen
from daemon.events.building_events import DECISIONS, EVENTS
from daemon.web.assets import STATIC

ROOT = Path(__file__).parents[3]
FILES = sorted(STATIC.glob("*/languages/*.json"))


def sentences(file: Path) -> dict[str, str]:
    pairs = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)
    assert len(pairs) == len(dict(pairs)), f"{file}: a key stands there twice"
    return dict(pairs)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parts[-3]} {file.stem}")
def test_a_language_has_the_keys_and_the_values_of_english(file: Path) -> None:
    english, own = sentences(file.with_name("en.json")), sentences(file)
    assert list(own) == list(english)
    for key, sentence in own.items():
        assert sentence == sentence.strip() != ""
        assert set(re.findall(r"\{\w+\}", sentence)) == set(re.findall(r"\{\w+\}", english[key])), key


def test_the_screen_speaks_those_that_are_there() -> None:
    known = {file.stem for file in LANGUAGES.glob("*.json")}
    assert known >= {"en", "de", "es", "fr", "uk"}
    assert {Screen(language=language).language for language in known} == known


def test_a_screen_s_sentence_is_short() -> None:
    for file in LANGUAGES.glob("*.json"):
        for key, sentence in sentences(file).items():
            assert len(sentence) <= (60 if key.endswith("help") else 42), f"{file.name}: {key}"


def test_the_console_has_a_word_for_every_reason_and_event() -> None:
    words = sentences(STATIC / "console/languages/en.json")
    assert not {f"reason.{reason.value}" for reason in DECISIONS} - set(words)
    assert not {f"event.{kind.value}" for kind in EVENTS} - set(words)


def test_the_console_offers_every_reason_as_a_filter() -> None:
    offered = (STATIC / "console/events/filters.js").read_text(encoding="utf-8")
    assert [offered.count(f'"{reason.value}"') for reason in DECISIONS if reason.value != "granted"] == [1] * (
        len(DECISIONS) - 1
    )


def test_the_console_has_a_name_for_every_section_of_the_settings() -> None:
    words = sentences(STATIC / "console/languages/en.json")
    described = re.findall(r"^#### `\[+([a-z_.]+)\]+`", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert described
    assert not {f"section.{name}" for name in described} - set(words)
