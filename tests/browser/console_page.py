"""The console as somebody uses it: logging in, going to a view, waiting until it shows what it has."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.terminals import PageTerminal

PASSWORD = "walnut harbour tricycle"

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
    terminal.auther.tell(f"{PASSWORD}\n", "console", "users", "add", name, "--role", role)


@dataclass(frozen=True)
class Console:
    """A browser's page at a terminal's console."""

    page: Page
    terminal: PageTerminal

    def visit(self) -> None:
        self.page.goto(f"{self.terminal.url}/console")

    def log_in(self, user: str) -> None:
        """As somebody with PASSWORD; returns once a view is there."""
        self.visit()
        self.page.get_by_label("User name", exact=True).or_(self.page.get_by_label("Benutzername")).fill(user)
        self.page.get_by_label("Password", exact=True).or_(self.page.get_by_label("Passwort")).fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("navigation", name=re.compile("Men"))).to_be_attached()

    def open(self, view: str, *, language: int = 0) -> None:
        """Go to a view and wait until it shows what the terminal gave it."""
        self.page.goto(f"{self.terminal.url}/console#/{view}")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(VIEWS[view][language])
        self.settled()

    def settled(self) -> None:
        """Wait until nothing is loading any more."""
        expect(self.page.locator(".pane[aria-busy]")).to_have_count(0)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")
