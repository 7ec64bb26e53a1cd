"""The console as somebody uses it: logging in, going to a view, waiting until it shows what it has."""

import re
from dataclasses import dataclass

from click.testing import CliRunner
from playwright.sync_api import Locator, Page, expect

from daemon.cli import main
from tests.browser.terminals import PageTerminal

PASSWORD = "walnut harbour tricycle"
# What Chromium says of every answer that is no 2xx; which ones come is the tests' business.
REFUSALS = "Failed to load resource: the server responded with a status of (400|401|403|404|409)"
AWAY = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_INTERNET_DISCONNECTED"

# Every view by its address, with its title in English and in German.
VIEWS = {
    "now": ("Now", "Jetzt"),
    "events": ("Events", "Ereignisse"),
    "people": ("People", "Personen"),
    "people/grace.hopper": ("grace.hopper", "grace.hopper"),
    "door": ("Door", "Tür"),
    "day": ("Day", "Tag"),
    "settings": ("Settings", "Einstellungen"),
    "users": ("Users", "Benutzer"),
    "keys": ("API keys", "API-Schlüssel"),
    "backups": ("Backups", "Sicherungen"),
    "audit": ("Audit trail", "Prüfprotokoll"),
    "logs": ("Log", "Protokoll"),
}


def add_user(terminal: PageTerminal, name: str, role: str) -> None:
    """Somebody with PASSWORD, made on the command line."""
    words = ["--config", str(terminal.auther.config), "console", "users", "add", name, "--role", role]
    result = CliRunner().invoke(main, words, input=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output


@dataclass(frozen=True)
class Console:
    """A browser's page at a terminal's console."""

    page: Page
    terminal: PageTerminal

    def log_in(self, user: str) -> None:
        """As somebody with PASSWORD; returns once the menu is there."""
        self.page.goto(f"{self.terminal.url}/console")
        self.page.get_by_label(re.compile("^(User name|Benutzername)$")).fill(user)
        self.page.get_by_label(re.compile("^(Password|Passwort)$")).fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#navigation")).to_be_attached()

    def open(self, view: str, *, language: int = 0) -> None:
        """Go to a view and wait until it shows what the terminal gave it."""
        self.page.goto(f"{self.terminal.url}/console#/{view}")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(VIEWS[view][language])
        self.settled()

    def settled(self) -> None:
        """Wait until nothing is loading for the first time any more."""
        expect(self.page.locator(".pane .outline")).to_have_count(0)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")
