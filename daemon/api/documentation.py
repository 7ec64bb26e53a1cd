"""/openapi.json and /docs, from the terminal itself: the page loads nothing from anywhere else."""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

from daemon.api.openapi import describe
from daemon.api.operations import Call, NoBody, Operation, Text

# Style and script of the page are files of their own: no inline code is allowed to run.
CONTENT_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
FILES = {
    "/docs": ("docs.html", "text/html"),
    "/docs.css": ("docs.css", "text/css"),
    "/docs.js": ("docs.js", "text/javascript"),
}


def with_documentation(operations: Sequence[Operation[Any]]) -> tuple[Operation[Any], ...]:
    """The operations and, public, those that describe them all."""
    documented = (*operations, *(_page(path, *FILES[path]) for path in FILES))
    description = _operation("getDescription", "/openapi.json", "application/json", "This description")
    text = json.dumps(describe((*documented, description(Text("", "")))), ensure_ascii=False)
    return (*documented, description(Text(text, "application/json")))


def _page(path: str, name: str, media_type: str) -> Operation[Any]:
    text = files("daemon.api").joinpath(name).read_text(encoding="utf-8")
    made = _operation(f"getFile{name.title().replace('.', '')}", path, media_type, "A file of the documentation's page")
    return made(Text(text, media_type, {"Content-Security-Policy": CONTENT_POLICY}))


def _operation(operation_id: str, path: str, media_type: str, summary: str) -> Callable[[Text], Operation[NoBody]]:
    def made(answer: Text) -> Operation[NoBody]:
        def handler(_call: Call, _body: NoBody) -> Text:
            return answer

        return Operation(
            id=operation_id,
            method="GET",
            path=path,
            tag="Documentation",
            summary=summary,
            description="",
            handler=handler,
            body=NoBody,
            answer=media_type,
            public=True,
        )

    return made
