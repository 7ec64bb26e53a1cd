"""An OSDP panel: whether its port is there, and whether a key protects what is said on its wire."""

import os
from collections.abc import Iterator

from daemon.config.readers import OsdpPanel
from daemon.config.settings import Settings
from daemon.doctor.finding import Finding, fine, problem, warning
from daemon.door.attached import osdp_modules
from daemon.door.panel import KEY_FILE, key_problem


def look_at_panel(settings: Settings) -> Iterator[Finding]:
    """Nothing is sent, and a stored key is not read. Raises BackendError when the package for it is not installed."""
    panel = settings.panel
    if not isinstance(panel, OsdpPanel):
        return
    osdp_modules()
    if os.access(panel.port, os.R_OK | os.W_OK):
        yield fine("panel", f"{panel.port} is there")
    else:
        advice = "plug the RS-485 adapter in (see /dev/serial/by-id), and add the daemon's user to the group dialout"
        yield problem("panel", f"{panel.port}: no such port, or not permitted", advice)
    yield _look_at_key(panel, stored=(settings.storage.folder / KEY_FILE).exists())


def _look_at_key(panel: OsdpPanel, *, stored: bool) -> Finding:
    if (missing := key_problem(panel, stored=stored)) is not None:
        return problem("panel", missing)
    if stored and panel.install:
        return warning("panel", "the panel has set its key", "take panel.install out of the configuration")
    if stored:
        return fine("panel", "the panel has set its key")
    if panel.install:
        return warning(
            "panel", "waits for the panel to set its key", "let nothing but the panel be on that wire until it has"
        )
    return warning("panel", "what is said on its wire is not encrypted", "set panel.secure_only and panel.install")
