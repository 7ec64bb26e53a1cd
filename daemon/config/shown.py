"""The configuration as others may see it: complete, without a secret."""

import re

from daemon.config.settings import Settings

HIDDEN = "***"

_SECRET = re.compile(r"password|secret|token|private", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/@]*@")


def shown(settings: Settings) -> dict[str, object]:
    """Secret values and accounts in addresses (`rtsp://user:password@…`) are replaced; paths of files stay."""
    return {key: _shown(key, value) for key, value in settings.model_dump(mode="json").items()}


def hidden(key: str) -> bool:
    """Whether the value of such a key is a secret; the place of a file is none."""
    return bool(_SECRET.search(key)) and not key.endswith("_file")


def _shown(key: str, value: object) -> object:
    if isinstance(value, dict):
        return {name: _shown(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shown(key, inner) for inner in value]
    if value is not None and hidden(key):
        return HIDDEN
    return _USERINFO.sub(f"{HIDDEN}@", value) if isinstance(value, str) else value
