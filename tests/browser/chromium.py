"""A page that is looked at by a real browser, and everything that it did wrong."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WAIT_MS = 30_000
# A colour on its way to another is nobody's contrast: what has an end is waited for.
SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter(one => one.effect.getComputedTiming().iterations !== Infinity)
    .map(one => one.finished))"""


def missing() -> str | None:
    """What has to be installed before these tests can run."""
    if find_chromium() is None:
        return "needs a browser: apt-get install chromium"
    return None if AXE.exists() else "needs axe-core: scripts/check_pages installs it"


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a screen."""
    return playwright.chromium.launch(
        executable_path=find_chromium(),
        args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    )


@dataclass
class Problems:
    """What a page wrote to the console as an error, what it threw, and what the content policy kept it from."""

    found: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Errors that a test causes on purpose, as a regular expression."""
        self.allowed.append(pattern)

    def watch(self, page: Page) -> None:
        page.on("console", self._read)
        page.on("pageerror", lambda error: self.found.append(f"thrown: {error}"))

    @property
    def left(self) -> list[str]:
        return [text for text in self.found if not any(re.search(pattern, text) for pattern in self.allowed)]

    def _read(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.found.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


@contextmanager
def looking(browser: Browser, **context: Any) -> Iterator[tuple[Page, Problems]]:
    """A page in a browser profile of its own. Raises AssertionError at the end if anything went wrong in it."""
    problems = Problems()
    with closing(browser.new_context(ignore_https_errors=True, **context)) as profile:
        profile.set_default_timeout(WAIT_MS)
        page = profile.new_page()
        problems.watch(page)
        yield page, problems
    assert not problems.left, problems.left


def axe(page: Page) -> None:
    """Raises AssertionError naming every rule of WCAG 2.2 AA that axe-core finds violated, and where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(SETTLED)
    found = page.evaluate("rules => axe.run({ runOnly: rules, resultTypes: ['violations'] })", list(RULES))
    told = [
        f"{one['id']}: {one['help']}: {json.dumps([node['html'] for node in one['nodes']])}"
        for one in found["violations"]
    ]
    assert not told, told
