"""Makes the connection to the broker of its section of the configuration."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import version

from daemon.config.settings import Settings
from daemon.events.outbox import Outbox
from daemon.mqtt.command_bus import CommandBus, CommandHandler
from daemon.mqtt.command_log import CommandLog
from daemon.mqtt.commands import CommandGate
from daemon.mqtt.homeassistant import announcement
from daemon.mqtt.publisher import MqttPublisher
from daemon.mqtt.secrets_file import command_key


@contextmanager
def mqtt_connection(settings: Settings, *, outbox: Outbox, handler: CommandHandler) -> Iterator[MqttPublisher]:
    """A running publisher that obeys the commands allowed. Raises ConfigError and StoreError."""
    mqtt, device_id = settings.mqtt, settings.device.id
    key = command_key(mqtt, os.environ)
    with ExitStack() as stack:
        seen = stack.enter_context(closing(CommandLog(path=settings.storage.folder / "commands.db")))
        gate = CommandGate(
            device_id=device_id,
            allowed=mqtt.commands,
            key=key,
            window_seconds=mqtt.command_window_seconds,
            seen=seen,
        )
        announce = announcement(
            mqtt,
            device_id=device_id,
            version=version("auther-embedded"),
            contact=settings.door.contact is not None,
            signed=key is not None,
        )
        publisher = MqttPublisher(
            outbox=outbox,
            settings=mqtt,
            device_id=device_id,
            commands=CommandBus(
                gate=gate, handler=handler, device_id=device_id, prefix=f"{mqtt.base_topic}/{device_id}"
            ),
            announce=announce if mqtt.home_assistant else None,
        )
        publisher.start()
        stack.callback(publisher.close)
        yield publisher
