"""What `run` would refuse to start with although every key is right: files, packages and secrets that are not there."""

from collections.abc import Mapping

from daemon.config.door import GpiodInput, GpiodLine, LcusLine
from daemon.config.settings import Settings
from daemon.desk import open_camera
from daemon.errors import ConfigError
from daemon.mqtt.client import build_client
from daemon.mqtt.secrets_file import command_key
from daemon.sharing.setup import site_key
from hw.backends import camera_backend, input_line_backend, output_line_backend
from hw.errors import HardwareError
from models.errors import ModelError
from models.manifest import INSTALLED_WEIGHTS, load_manifest, read_weights


def rehearse(settings: Settings, *, environ: Mapping[str, str], as_daemon: bool) -> None:
    """Try what can be tried beside a running terminal: no device is opened, no broker is asked, nothing is changed.

    `as_daemon`: `environ` is the terminal's own. Elsewhere nobody knows what systemd will pass to it, so only the
    secrets that the configuration names are looked for. Raises ConfigError.
    """
    if settings.mqtt.enabled:
        build_client(settings.mqtt, settings.device.id)
        command_key(settings.mqtt, environ)
    if settings.sharing.enabled and (as_daemon or settings.sharing.site_key_file is not None):
        site_key(settings, environ)
    try:
        _look_for_packages(settings)
        if settings.camera.backend == "replay":
            open_camera(settings).close()
        folder = settings.vision.weights or INSTALLED_WEIGHTS
        for spec in load_manifest(folder).networks:
            read_weights(folder, spec)
    except (HardwareError, ModelError) as error:
        raise ConfigError(str(error)) from error


def _look_for_packages(settings: Settings) -> None:
    camera_backend(settings.camera.backend)
    for section in (settings.door, settings.indicator, settings.panel, settings.reader):
        for _, wire in section or ():
            if isinstance(wire, GpiodLine | LcusLine):
                output_line_backend(wire.backend)
            elif isinstance(wire, GpiodInput):
                input_line_backend(wire.backend)
