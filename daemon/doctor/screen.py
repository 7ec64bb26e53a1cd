"""Where is the page for the display beside the camera?"""

from collections.abc import Iterator

from daemon.config.settings import Settings
from daemon.doctor.finding import Finding, fine, problem, warning
from daemon.doctor.port import what_is_wrong


def look_at_screen(settings: Settings) -> Iterator[Finding]:
    """Its port may be a running terminal's, or free; not another program's."""
    screen = settings.screen
    if not screen.enabled:
        yield fine("screen", "the page for a display is off (screen.enabled)")
    elif screen.port and (wrong := what_is_wrong("screen", host="127.0.0.1", port=screen.port, tls=False)) is not None:
        yield problem("screen", wrong)
    elif screen.port:
        yield fine("screen", f"http://127.0.0.1:{screen.port}/screen, for a browser on this machine")
    elif settings.api.enabled:
        yield fine("screen", f"/screen at port {settings.api.port}, with a key: auther keys create NAME --may screen")
    else:
        yield warning("screen", "it is enabled, but served nowhere", "set screen.port or api.enabled")
