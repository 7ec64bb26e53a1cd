"""The screen's side of a terminal, made of the configuration; none of it where the screen is not enabled."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

from daemon.api.application import enveloped
from daemon.api.envelope import Observe
from daemon.api.screen_admission import admit_own
from daemon.api.screen_calls import ScreenCalls, ScreenParts
from daemon.api.server import ApiServer
from daemon.config.settings import Api, Settings
from daemon.live.guidance import Guide
from daemon.live.pictures import LivePictures
from daemon.live.view import LiveView
from daemon.screen.board import ScreenBoard
from daemon.screen.guide import ScreenGuide
from daemon.web.assets import packaged_assets
from daemon.web.pages import page_routes

PAGES = {"/": "screen/index.html", "/screen": "screen/index.html", "/favicon.ico": "shared/icon.svg"}


@dataclass(frozen=True, eq=False)
class ScreenSide:
    """`view` takes what vision sees; `parts` is None without a screen."""

    view: LiveView
    parts: ScreenParts | None


def make_screen(settings: Settings) -> ScreenSide:
    """Objects alone: nothing is opened yet."""
    view = LiveView()
    if not settings.screen.enabled:
        return ScreenSide(view, None)
    parts = ScreenParts(
        settings=settings.screen,
        board=ScreenBoard(show=settings.screen.show),
        pictures=LivePictures(view=view),
        build=packaged_assets().build,
    )
    return ScreenSide(view, parts)


@contextmanager
def serve_screen(
    settings: Settings, screen: ScreenSide, *, observe: Observe, blind: Callable[[], bool] = lambda: False
) -> Iterator[ApiServer | None]:
    """Within, hints are made and the page is served at a port of this machine. Raises nothing: failures are logged.

    `blind` as for ScreenGuide.
    """
    parts = screen.parts
    with ExitStack() as stack:
        if parts is None:
            yield None
            return
        make_guide = partial(Guide, min_size_px=settings.quality.min_size_px)
        guide = ScreenGuide(view=screen.view, board=parts.board, make_guide=make_guide, blind=blind)
        stack.enter_context(closing(guide))
        guide.start()
        if not parts.settings.port:
            yield None
            return
        routes = [
            *page_routes(packaged_assets(), PAGES),
            *ScreenCalls(parts=parts, admit=admit_own).routes,
        ]
        server = stack.enter_context(
            closing(
                ApiServer(
                    settings=Api(host="127.0.0.1", port=parts.settings.port, tls=False),
                    folder=settings.storage.folder,
                    build=lambda: nullcontext(enveloped(routes, observe=observe)),
                    name="screen",
                )
            )
        )
        server.start()
        yield server
