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


def test_the_screen_s_port_is_not_the_api_s() -> None:
    with pytest.raises(ConfigError, match=r"screen\.port: 8443 is api\.port too"):
        parse({"screen": {"enabled": True, "port": 8443}}, source="test")
    assert parse({"screen": {"enabled": True, "port": 0}, "api": {"port": 0}}, source="test").screen.port == 0
