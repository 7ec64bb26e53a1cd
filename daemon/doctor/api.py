"""Where is the API, and by what certificate do its clients know it?"""

from collections.abc import Iterator

from daemon.config.settings import Settings
from daemon.console.access import open_console_access
from daemon.console.users import FILE_NAME
from daemon.doctor.finding import Finding, fine, problem
from daemon.doctor.port import what_is_wrong
from daemon.tls import fingerprint


def look_at_api(settings: Settings) -> Iterator[Finding]:
    """Raises StoreError for a certificate, or a list of the console's users, that can't be read."""
    api = settings.api
    if not api.enabled:
        yield fine("api", "the REST API is off (api.enabled)")
        return
    yield from _console(settings)
    if (wrong := what_is_wrong("api", host=api.host, port=api.port, tls=api.tls)) is not None:
        yield problem("api", wrong)
        return
    place = f"{'https' if api.tls else 'http'}://{api.host}:{api.port}"
    if not api.tls:
        yield fine("api", f"{place}, without TLS")
        return
    certificate = api.cert_file or settings.storage.folder / "tls.crt"
    if api.cert_file is None and not certificate.exists():
        yield fine("api", f"{place}; its certificate is made at the first start")
        return
    yield fine("api", f"{place}, certificate {certificate}, SHA-256 fingerprint {fingerprint(certificate)}")


def _console(settings: Settings) -> Iterator[Finding]:
    if not settings.console.enabled:
        yield fine("console", "the console is off (console.enabled)")
    elif not (settings.storage.folder / FILE_NAME).exists():
        yield fine("console", "nobody can log in yet; `auther console setup-code` prints the code for the first user")
    else:
        count = len(open_console_access(settings).users.all())
        yield fine("console", f"{count} user(s) may log in")
