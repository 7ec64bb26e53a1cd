"""Which store's the files are that lie beside the people: the audit trail and the API keys."""

from contextlib import closing
from pathlib import Path

from daemon.audit import STORE_LABEL as AUDIT_LABEL
from daemon.audit import AuditTrail
from daemon.keys import STORE_LABEL as KEYS_LABEL
from daemon.keys import KeyRing
from daemon.storage.vault import derive


class FilesBeside:
    """The files in the folder of a store."""

    def __init__(self, folder: Path) -> None:
        self._audit, self._keys = folder / "audit.db", folder / "keys.db"

    def made_under(self, secret: bytes) -> bool:
        """Whether audit trail or keys were made under that local secret. Raises AuditError, StoreError."""
        return self._is_audit(secret) or self._are_keys(secret)

    def _is_audit(self, secret: bytes) -> bool:
        if not self._audit.exists():
            return False
        with closing(AuditTrail(path=self._audit, store_secret=derive(secret, AUDIT_LABEL))) as trail:
            return trail.is_of_this_store()

    def _are_keys(self, secret: bytes) -> bool:
        if not self._keys.exists():
            return False
        with closing(KeyRing(path=self._keys, store_secret=derive(secret, KEYS_LABEL))) as ring:
            return ring.is_of_this_store()
