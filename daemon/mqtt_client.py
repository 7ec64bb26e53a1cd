"""A paho-mqtt client from the settings: protocol, will, account, TLS, and what is refused."""

import ipaddress
import ssl

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from daemon.config import Mqtt
from daemon.errors import ConfigError
from daemon.messages import OFFLINE

CONNECT_TIMEOUT_SECONDS = 5.0


def topic(settings: Mqtt, device_id: str, name: str) -> str:
    """`<base>/<device>/<name>`."""
    return f"{settings.base_topic}/{device_id}/{name}"


def build_client(settings: Mqtt, device_id: str) -> Client:
    """A client that is not connected yet; files are read each time, so that a new password or certificate takes effect.

    Raises ConfigError naming the setting: plaintext to another machine, an unreadable password or certificate.
    """
    _refuse_plaintext(settings)
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"auther-{device_id}",
        protocol=MQTTv5 if settings.protocol == "5" else MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_TIMEOUT_SECONDS
    client.max_inflight_messages_set(0)
    will = properties(PacketTypes.WILLMESSAGE, ContentType="text/plain") if settings.protocol == "5" else None
    client.will_set(topic(settings, device_id, "status"), OFFLINE, qos=1, retain=True, properties=will)
    if settings.username is not None:
        client.username_pw_set(settings.username, _password(settings))
    if settings.ca_file is not None:
        client.tls_set_context(_tls(settings))
    return client


def properties(packet: int, **values: object) -> Properties:
    """MQTT 5 properties of a packet, without those that are None."""
    result = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        if value is not None:
            setattr(result, name, value)
    return result


def is_loopback(host: str) -> bool:
    """Whether a connection to `host` stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_plaintext(settings: Mqtt) -> None:
    if settings.ca_file is None and not settings.allow_plaintext and not is_loopback(settings.host):
        raise ConfigError(
            f"mqtt.host: {settings.host} is another machine and the connection would not be encrypted;"
            " set mqtt.ca_file for TLS, or mqtt.allow_plaintext = true to do without"
        )


def _password(settings: Mqtt) -> str | None:
    if settings.password_file is None:
        return None
    try:
        lines = settings.password_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"mqtt.password_file: {settings.password_file}: can't be read: {error}") from error
    if not lines or not lines[0]:
        raise ConfigError(f"mqtt.password_file: {settings.password_file}: the first line must be the password")
    return lines[0]


def _tls(settings: Mqtt) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(settings.ca_file)
    except OSError as error:
        raise ConfigError(f"mqtt.ca_file: {settings.ca_file}: not a readable PEM certificate: {error}") from error
    return context
