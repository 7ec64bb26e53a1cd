"""A port that the terminal serves at: is it free, its own, or another program's?"""

import http.client
import secrets
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass

from daemon.api.server import PortTaken, listen

ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    """What was answered, whatever its status, and the header Request-Id."""

    text: str
    request_id: str | None


def what_is_wrong(section: str, *, host: str, port: int, tls: bool) -> str | None:
    """What keeps the section's server from its port; None where it is free, or a running terminal has it."""
    try:
        listen(host, port, section=section).close()
    except PortTaken as error:
        return None if _is_a_terminal(host=host, port=port, tls=tls) else str(error)
    except OSError as error:
        return f"{host} port {port}: can't be listened at: {error.strerror}; see {section}.host and {section}.port"
    return None


def ask(path: str, *, host: str, port: int, tls: bool, request_id: str) -> Answer:
    """Ask the server of this machine for a page that needs no key. Raises OSError."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where it listens
    address = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}{path}"
    context = ssl.create_default_context()
    # It is asked on this machine, and told nothing: by what certificate it is known elsewhere does not matter.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # No proxy knows the way back to this machine.
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    asked = urllib.request.Request(address, headers={"Request-Id": request_id})  # noqa: S310
    try:
        with urllib.request.build_opener(*handlers).open(asked, timeout=ANSWER_SECONDS) as answer:
            return Answer(answer.read().decode("utf-8", "replace"), answer.headers["Request-Id"])
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.read().decode("utf-8", "replace"), error.headers["Request-Id"])
    except http.client.HTTPException as error:
        raise OSError(f"{address}: no answer in HTTP: {error!r}") from error


def _is_a_terminal(*, host: str, port: int, tls: bool) -> bool:
    """It gives a caller's own Request-Id back, which few others would do."""
    own = secrets.token_hex(8)
    try:
        return ask("/screen", host=host, port=port, tls=tls, request_id=own).request_id == own
    except OSError:
        return False
