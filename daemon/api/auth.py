"""Who calls: the key of a request, and whether it may do this."""

from collections.abc import Mapping

from daemon.api.failures import ApiError
from daemon.keys import ApiKey, KeyRing, Permission

LONGEST = 200


def authenticate(headers: Mapping[str, str], keys: KeyRing) -> ApiKey:
    """The key in `Api-Key`, or as a bearer token, which is what Prometheus sends. Raises ApiError A_001, A_002."""
    value = headers.get("api-key") or _bearer(headers.get("authorization", ""))
    if not value:
        raise ApiError("A_001", "the header Api-Key is missing; make a key with `auther keys create`")
    key = keys.find(value) if len(value) <= LONGEST else None
    if key is None:
        raise ApiError("A_002")
    keys.touch(key)
    return key


def authorise(key: ApiKey, permission: Permission | None) -> None:
    """Raises ApiError A_003."""
    if permission is not None and not key.may(permission):
        raise ApiError("A_003", f"this key may not do this; it needs the permission {permission.value}")


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
