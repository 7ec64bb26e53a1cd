"""The console's three roles, each a set of permissions."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from daemon.keys import Permission, with_implied


class Role(str, Enum):
    """A viewer sees, an operator also opens the door, enrols and suspends, an administrator may do everything."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


_SEES = frozenset({Permission.VIEW, Permission.WATCH, Permission.LOOKUP})

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: _SEES,
        Role.OPERATOR: with_implied(_SEES | {Permission.DOOR, Permission.ENROL}),
        Role.ADMINISTRATOR: frozenset(Permission),
    }
)
