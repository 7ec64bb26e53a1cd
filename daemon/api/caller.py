"""Who calls, as every call sees it: a key or a session, and what it may do."""

from dataclasses import dataclass

from daemon.console.roles import PERMISSIONS
from daemon.console.sessions import Session
from daemon.keys import ApiKey, Permission, with_implied


@dataclass(frozen=True)
class Caller:
    """`name` stands in the audit trail: a key's name, or `console:` and a user's, which no key can be called."""

    name: str
    permissions: frozenset[Permission]
    proof: ApiKey | Session

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def caller_with(proof: ApiKey | Session) -> Caller:
    """Who has shown this key or session."""
    if isinstance(proof, ApiKey):
        return Caller(proof.name, with_implied(proof.permissions), proof)
    return Caller(f"console:{proof.user}", PERMISSIONS[proof.role], proof)
