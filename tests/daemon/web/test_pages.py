"""The pages' files over HTTP: these and no others, with headers that let no foreign script run."""

from collections.abc import Iterator
from contextlib import closing, nullcontext

import pytest

from daemon.api.application import enveloped
from daemon.api.server import ApiServer
from daemon.config.settings import Api
from daemon.web.assets import STATIC, packaged_assets
from daemon.web.pages import page_routes
from tests.daemon.web.client import LONG, Client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    application = enveloped(page_routes(packaged_assets(), {"/screen": "screen/index.html"}), observe=lambda *_: None)
    server = ApiServer(
        settings=Api(port=0, tls=False),
        folder=tmp_path_factory.mktemp("api"),
        build=lambda: nullcontext(application),
    )
    with closing(server):
        server.start()
        port = server.wait(LONG)
        assert port is not None
        yield Client(port)


def test_a_page_is_its_file(client: Client) -> None:
    answer = client.get("/screen")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == (STATIC / "screen/index.html").read_bytes()


def test_a_module_comes_with_the_type_that_browsers_demand(client: Client) -> None:
    answer = client.get("/web/shared/dom.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_page_runs_inline_code_or_sets_a_cookie(client: Client) -> None:
    for path in ("/screen", "/web/shared/base.css"):
        headers = client.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in headers


def test_head_tells_the_length_and_sends_nothing(client: Client) -> None:
    answer = client.get("/web/shared/base.css", method="HEAD")
    assert (answer.status, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == (STATIC / "shared/base.css").stat().st_size


def test_who_has_it_is_not_sent_it_again(client: Client) -> None:
    first = client.get("/web/shared/base.css")
    again = client.get("/web/shared/base.css", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status, again.content) == (304, b"")
    changed = client.get("/web/shared/base.css", headers={"If-None-Match": '"other"'})
    assert changed.status == 200
    assert first.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/web/",
        "/web/screen",
        "/web/nothing.js",
        "/web/../assets.py",
        "/web/%2e%2e/assets.py",
        "/web/shared/..%2f..%2f..%2fassets.py",
        "/web//etc/passwd",
        "/web/shared/dom.js/",
        "/web/shared/dom.js%00",
        "/screen/",
    ],
)
def test_nothing_else_is_there(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.json["code"]) == (404, "NF_003")
    assert answer.headers["request-id"]


def test_it_is_only_read(client: Client) -> None:
    assert client.get("/screen", method="POST").json["code"] == "R_009"


def test_another_set_of_files_has_another_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    builds = []
    for content in ("a", "a", "b"):
        folder = tmp_path_factory.mktemp("static")
        (folder / "page.html").write_text(content)
        (folder / "notes.md").write_text(f"{content} is no page")
        assets = packaged_assets(folder)
        assert list(assets.by_path) == ["page.html"]
        builds.append(assets.build)
    assert builds[0] == builds[1] != builds[2]
