"""A paho-mqtt client from the settings: protocol, will, account, TLS."""

import os
import ssl

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from daemon.config.settings import Mqtt
from daemon.errors import ConfigError
from daemon.events.messages import OFFLINE
from daemon.mqtt.secrets_file import password

CONNECT_TIMEOUT_SECONDS = 5.0


def topic(settings: Mqtt, device_id: str, name: str) -> str:
    """`<base>/<device>/<name>`."""
    return f"{settings.base_topic}/{device_id}/{name}"


def build_client(settings: Mqtt, device_id: str, *, role: str = "") -> Client:
    """A client that is not connected yet; files are read each time, so that a new password or certificate takes effect.

    A terminal's second connection has a `role`, which stands in its client id, and no will.

    Raises ConfigError naming the setting: an unreadable password or certificate.
    """
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"auther-{device_id}.{role}" if role else f"auther-{device_id}",
        protocol=MQTTv5 if settings.protocol == "5" else MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_TIMEOUT_SECONDS
    client.max_inflight_messages_set(0)
    if not role:
        will = properties(PacketTypes.WILLMESSAGE, ContentType="text/plain") if settings.protocol == "5" else None
        client.will_set(topic(settings, device_id, "status"), OFFLINE, qos=1, retain=True, properties=will)
    if settings.username is not None:
        client.username_pw_set(settings.username, password(settings, os.environ))
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


def _tls(settings: Mqtt) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(settings.ca_file)
    except OSError as error:
        raise ConfigError(f"mqtt.ca_file: {settings.ca_file}: not a readable PEM certificate: {error}") from error
    if settings.client_cert_file is not None:
        try:
            # An empty passphrase keeps OpenSSL from asking for one on the terminal.
            context.load_cert_chain(settings.client_cert_file, settings.client_key_file, password="")
        except OSError as error:
            raise ConfigError(
                f"mqtt.client_cert_file, mqtt.client_key_file: {settings.client_cert_file}, {settings.client_key_file}:"
                f" not a certificate in PEM and its private key without a passphrase: {error}"
            ) from error
    return context
