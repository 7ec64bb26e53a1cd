"""The section `screen`."""

import pytest

from daemon.config.settings import parse
from daemon.errors import ConfigError


def test_there_is_no_screen_unless_it_is_asked_for_and_it_names_nobody_unless_it_is_told_to() -> None:
    screen = parse({}, source="test").screen
    assert (screen.enabled, screen.show, screen.sound) == (False, "nothing", False)


@pytest.mark.parametrize("language", ["xx", "", "../en", "EN"])
def test_an_unknown_language_is_told_with_the_known_ones(language: str) -> None:
    with pytest.raises(ConfigError, match=r"screen\.language: must be one of de, en, es, fr, uk"):
        parse({"screen": {"language": language}}, source="test")
