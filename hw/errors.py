"""What a device can fail with; every message names the device, what was expected and what to do."""


class HardwareError(Exception):
    """A device is absent, busy, misconfigured or gone."""


class BackendError(HardwareError):
    """The back end that the configuration names is unknown or its package is not installed."""


class CameraError(HardwareError):
    """The camera can't be opened or stopped delivering frames."""


class CameraStalled(CameraError):
    """The camera delivered frames and then none for too long, though nothing says that it is gone."""


class EndOfStream(CameraError):
    """A finite source (a replay that doesn't loop) has delivered its last frame."""


class LineError(HardwareError):
    """A line can't be requested, driven or read."""


class PortError(HardwareError):
    """A serial port can't be opened, or went away."""
