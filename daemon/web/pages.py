"""Routes of the pages and of their files: the same headers for all of them, and a cookie on none."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from daemon.web.assets import Asset, Assets

# No inline script or style, nothing from elsewhere, no frame around it, and no text that is taken for markup.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self';"
    " font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Kept, but asked about each time: without a build step no file's name tells its content.
    "Cache-Control": "no-cache",
}


def page_routes(assets: Assets, pages: Mapping[str, str]) -> list[Route]:
    """Every file under /web/, and `pages`: which file is shown at which path."""
    shown = [Route(path, _Files({path: assets.by_path[name]}), methods=["GET"]) for path, name in pages.items()]
    return [*shown, Route("/web/{file:path}", _Files(_under_web(assets)), methods=["GET"])]


class _Files:
    """An ASGI application: the file that stands for exactly this path."""

    def __init__(self, by_path: Mapping[str, Asset]) -> None:
        self._by_path = by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request.state.operation = "getPage"
        asset = self._by_path.get(scope["path"])
        if asset is None:
            raise HTTPException(404)
        await _answer(request, asset)(scope, receive, send)


def _answer(request: Request, asset: Asset) -> Response:
    headers = {**HEADERS, "ETag": asset.tag}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {asset.tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _under_web(assets: Assets) -> Mapping[str, Asset]:
    return {f"/web/{path}": asset for path, asset in assets.by_path.items()}
