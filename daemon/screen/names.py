"""What a screen shows of a person: made of the person_id, which is all that the terminal knows of a name."""

import re

from daemon.config.screen import Shown


def shown_name(person_id: str | None, show: Shown) -> str:
    """The name, its initials, or "". Of an id without words, such as a number, there is nothing to show."""
    words = _words(person_id or "")
    if show == "nothing":
        return ""
    return " ".join(words) if show == "name" else "".join(f"{word[0]}." for word in words)


def _words(person_id: str) -> list[str]:
    """`grace.hopper@example.org` are Grace and Hopper; a part with a digit in it is no word."""
    parts = re.split(r"[._:-]+", person_id.partition("@")[0])
    return [part[0].upper() + part[1:] for part in parts if part.isalpha()]
