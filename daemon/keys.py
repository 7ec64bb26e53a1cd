"""The API keys: who may call what. Made and revoked by the command line while the daemon reads them.

A key's value is 256 random bits, so a salted SHA-256 of it is as good as a slow hash: there is nothing to guess.
What a client signs with is another secret, which never travels: kept encrypted under a secret of the store.
"""

import hmac
import os
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from daemon.errors import ApiKeyError, StoreError
from daemon.signing import Algorithm, check_public_key
from daemon.storage.store import Store
from daemon.storage.vault import Cipher, Unauthentic

STORE_LABEL = "auther api keys"
TOUCH_SECONDS = 60.0

NAME = r"\.*[A-Za-z0-9_ -][A-Za-z0-9._ -]*"
"""A key's name: clients take a segment of a path that is `.` or `..` away before they ask (RFC 3986, 5.2.4)."""
LONGEST_NAME = 64
_NAME = re.compile(NAME)
_VALUE = re.compile(r"([0-9a-f]{16})\.[A-Za-z0-9_-]{43}")
_TABLE = """CREATE TABLE IF NOT EXISTS key (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, salt BLOB NOT NULL, digest BLOB NOT NULL, permissions TEXT NOT NULL,
    algorithm TEXT, secret BLOB, public TEXT, created REAL NOT NULL, used REAL, revoked REAL) STRICT"""
_COLUMNS = "id, name, permissions, algorithm, created, used, revoked"


class Permission(str, Enum):
    """What a key may be made for, and what a role at the console holds; see IMPLIED for those that hold others.

    WATCH shows faces, live and kept ones, and is therefore held by no other.
    """

    IDENTIFY = "identify"
    VERIFY = "verify"
    COMPARE = "compare"
    PERSONS = "persons"
    DEVICE = "device"
    VIEW = "view"
    WATCH = "watch"
    DOOR = "door"
    LOOKUP = "lookup"
    ENROL = "enrol"
    SETTINGS = "settings"
    KEYS = "keys"
    USERS = "users"
    BACKUPS = "backups"
    AUDIT = "audit"
    SCREEN = "screen"


_KNOWN = frozenset(permission.value for permission in Permission)
IMPLIED: Mapping[Permission, frozenset[Permission]] = MappingProxyType(
    {
        Permission.PERSONS: frozenset({Permission.LOOKUP, Permission.ENROL}),
        Permission.DEVICE: frozenset({Permission.VIEW, Permission.DOOR}),
        Permission.ENROL: frozenset({Permission.LOOKUP}),
    }
)


def with_implied(permissions: Collection[Permission]) -> frozenset[Permission]:
    """These permissions and those that they hold."""
    return frozenset(permissions).union(*(IMPLIED.get(one, frozenset()) for one in permissions))


@dataclass(frozen=True)
class ApiKey:
    """A key as it is known after it was made. `algorithm` is the one that its requests must be signed with, if any.

    Times are Unix seconds; `used` is right to a minute.
    """

    id: str
    name: str
    permissions: frozenset[Permission]
    algorithm: Algorithm | None
    created: float
    used: float | None
    revoked: float | None


@dataclass(frozen=True)
class NewApiKey:
    """A key at its making, the one time that `value` and `secret` (of an HMAC key) are shown."""

    key: ApiKey
    value: str = field(repr=False)
    secret: str | None = field(repr=False)


class KeyRing:
    """The keys in their file. Any thread may call any method; each raises StoreError when the file can't be used.

    `store_secret` is the store's sub-key of STORE_LABEL.
    """

    def __init__(self, *, path: Path, store_secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._cipher = Cipher(data_key=store_secret)
        self._lock, self._finding_lock = threading.Lock(), threading.Lock()
        with self._explained():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(_TABLE)
            # Whoever looks a key up waits for no write, nor for the disk's sync of one.
            self._finding = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1.0)

    def create(
        self,
        name: str,
        permissions: Collection[Permission],
        *,
        algorithm: Algorithm | None = None,
        public_key: str | None = None,
    ) -> NewApiKey:
        """Make a key. With `algorithm` it demands signatures: by a secret made here, or by the RSA key whose public
        half (PEM) is given. Raises ApiKeyError.
        """
        if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
            raise ApiKeyError("name: expected 1 to 64 letters, digits, blanks, `.`, `_` or `-`, not dots alone")
        if not permissions:
            raise ApiKeyError("permissions: expected at least one, or the key may do nothing")
        if (algorithm is Algorithm.RSA) != (public_key is not None):
            raise ApiKeyError("public key: expected with rsa-sha256 and only there")
        if public_key is not None:
            check_public_key(public_key)
        made = ApiKey(secrets.token_hex(8), name, frozenset(permissions), algorithm, self._clock(), None, None)
        value = f"{made.id}.{secrets.token_urlsafe(32)}"
        secret = secrets.token_urlsafe(32) if algorithm is Algorithm.HMAC else None
        if not self._insert(made, value, secret, public_key):
            raise ApiKeyError(f"key {name}: there is one already; revoke it first or choose another name")
        return NewApiKey(made, value, secret)

    def find(self, value: str) -> ApiKey | None:
        """The unrevoked key of this value. Takes as long for a wrong value of a known id as for an unknown one."""
        match = _VALUE.fullmatch(value)
        with self._explained(), self._finding_lock:
            row = self._finding.execute(
                f"SELECT salt, digest, {_COLUMNS} FROM key WHERE id = ?", (match.group(1) if match else "",)
            ).fetchone()
        salt, digest = (row[0], row[1]) if row else (b"\0" * 16, b"\0" * 32)
        right = hmac.compare_digest(_digest(salt, value), digest)
        if row is None or not right:
            return None
        key = _key(row[2:])
        return key if key.revoked is None else None

    def works(self, key: ApiKey) -> bool:
        """Whether a key that was found before is still unrevoked."""
        with self._explained(), self._lock:
            row = self._db.execute("SELECT 1 FROM key WHERE id = ? AND revoked IS NULL", (key.id,)).fetchone()
        return row is not None

    def touch(self, key: ApiKey) -> None:
        """Note that a key was used now; written at most once a minute."""
        now = self._clock()
        if key.used is None or abs(now - key.used) >= TOUCH_SECONDS:
            with self._explained(), self._lock:
                self._db.execute("UPDATE key SET used = ? WHERE id = ?", (now, key.id))

    def secret(self, key: ApiKey) -> bytes:
        """What an HMAC key's signatures are keyed with. Raises StoreError when it was made with another store."""
        sealed = self._one("secret", key)
        try:
            return self._cipher.open(sealed if isinstance(sealed, bytes) else b"", key.id.encode())
        except Unauthentic:
            raise StoreError(
                f"{self._path}: the secret of key {key.name} does not belong to this store; revoke it, make a new one"
            ) from None

    def is_of_this_store(self) -> bool:
        """Whether there is a key with a secret, made under the secret of this store."""
        with self._explained(), self._lock:
            sealed = self._db.execute("SELECT id, secret FROM key WHERE secret IS NOT NULL").fetchall()
        for key_id, secret in sealed:
            try:
                self._cipher.open(secret, key_id.encode())
            except Unauthentic:
                continue
            return True
        return False

    def public_key(self, key: ApiKey) -> str:
        """The registered PEM of an RSA key."""
        return str(self._one("public", key))

    def all(self) -> tuple[ApiKey, ...]:
        """Every key ever made, oldest first."""
        with self._explained(), self._lock:
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM key ORDER BY created, id").fetchall()
        return tuple(_key(row) for row in rows)

    def revoke(self, name: str) -> ApiKey:
        """From now on the key opens nothing. Raises ApiKeyError where there is none of that name."""
        with self._explained(), self._lock:
            row = self._db.execute(
                f"UPDATE key SET revoked = ?, secret = NULL WHERE name = ? AND revoked IS NULL RETURNING {_COLUMNS}",
                (self._clock(), name),
            ).fetchone()
        if row is None:
            raise ApiKeyError(f"key {name}: there is none that works; `auther keys list` shows them")
        return _key(row)

    def close(self) -> None:
        """Close the file."""
        with self._finding_lock:
            self._finding.close()
        with self._lock:
            self._db.close()

    def _insert(self, key: ApiKey, value: str, secret: str | None, public_key: str | None) -> bool:
        """Whether its name was free: found out by the statement that takes it, for others make keys too."""
        salt = secrets.token_bytes(16)
        sealed = None if secret is None else self._cipher.seal(secret.encode(), key.id.encode())
        permissions = ",".join(sorted(key.permissions))
        algorithm = None if key.algorithm is None else key.algorithm.value
        values = (key.id, key.name, salt, _digest(salt, value), permissions, algorithm, sealed, public_key, key.created)
        with self._explained(), self._lock:
            inserted = self._db.execute(
                "INSERT INTO key SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL"
                " WHERE NOT EXISTS (SELECT 1 FROM key WHERE name = ? AND revoked IS NULL)",
                (*values, key.name),
            )
        return inserted.rowcount == 1

    def _one(self, column: str, key: ApiKey) -> bytes | str | None:
        with self._explained(), self._lock:
            row = self._db.execute(f"SELECT {column} FROM key WHERE id = ?", (key.id,)).fetchone()
        value: bytes | str | None = row[0] if row else None
        return value

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{self._path}: the API keys can't be used: {error}; check that the disk is not full and that the file"
                " belongs to the daemon's user"
            ) from error


def parse_permissions(text: str) -> frozenset[Permission]:
    """Of a list with commas. Raises ApiKeyError naming the one that is unknown."""
    try:
        return frozenset(Permission(word.strip()) for word in text.split(",") if word.strip())
    except ValueError as error:
        known = ", ".join(Permission)
        raise ApiKeyError(f"permissions: {error}; known are {known}") from None


def _digest(salt: bytes, value: str) -> bytes:
    return sha256(salt + value.encode()).digest()


def _key(row: tuple[str, str, str, str | None, float, float | None, float | None]) -> ApiKey:
    key_id, name, permissions, algorithm, created, used, revoked = row
    # A word that a newer release knows is no reason to refuse the others, nor the other keys.
    allowed = frozenset(Permission(word) for word in permissions.split(",") if word in _KNOWN)
    return ApiKey(key_id, name, allowed, Algorithm(algorithm) if algorithm else None, created, used, revoked)


def open_keys(folder: Path, store: Store) -> KeyRing:
    """The keys of a terminal, in the folder of its store. Raises StoreError."""
    return KeyRing(path=folder / "keys.db", store_secret=store.subkey(STORE_LABEL))
