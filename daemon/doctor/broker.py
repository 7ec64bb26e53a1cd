"""Does the broker take this terminal?"""

from collections.abc import Iterator

from daemon.config.settings import Settings
from daemon.doctor.finding import Finding, fine, problem
from daemon.mqtt.client import build_client
from daemon.mqtt.link import Link, LinkError, Waker


def look_at_broker(settings: Settings) -> Iterator[Finding]:
    """Connect as somebody else than the daemon, whom the broker would otherwise throw out. Raises ConfigError."""
    mqtt = settings.mqtt
    if not mqtt.enabled:
        yield fine("broker", "MQTT is off (mqtt.enabled)")
        return
    client = build_client(mqtt, f"{settings.device.id}-doctor")
    waker = Waker()
    link = Link(client=client, host=mqtt.host, port=mqtt.port, waker=waker)
    try:
        link.open(lambda: False)
        link.disconnect()
    except LinkError as error:
        yield problem("broker", str(error))
    else:
        secured = "with TLS" if mqtt.ca_file is not None else "without TLS"
        account = f"as {mqtt.username}" if mqtt.username is not None else "without an account"
        yield fine("broker", f"{mqtt.host}:{mqtt.port} accepts this terminal, {secured}, {account}")
    finally:
        link.close()
        waker.close()
