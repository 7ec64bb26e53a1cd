"""Cards and PINs of people, in one encrypted file."""

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import scrypt
from pathlib import Path
from typing import Protocol

from daemon.drafts import write_whole
from daemon.errors import StoreError
from daemon.filelock import locked
from daemon.storage.people import check_person_id

PIN_DIGITS = range(4, 13)
# About 20 ms on a Raspberry Pi 4: a PIN is short, what protects it is the file's key and the count of wrong tries.
SCRYPT = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}


class Seal(Protocol):
    """Encrypts and authenticates a file's contents."""

    def seal(self, plain: bytes, bound_to: bytes) -> bytes: ...

    def open(self, sealed: bytes, bound_to: bytes) -> bytes: ...


@dataclass(frozen=True)
class Card:
    """A card as panels know it; the format says how many bits and where the parity is."""

    facility: int
    number: int


@dataclass(frozen=True)
class Credentials:
    """What somebody has besides a face: `pin` is salt and scrypt hash, hex, parted by `$`."""

    card: Card | None = None
    pin: str | None = None


class CredentialBook:
    """All cards and PINs. Changes are on disk when a method returns; any thread may call, and several processes may
    change them: `refresh` takes up what others did.
    """

    def __init__(self, *, path: Path, seal: Seal) -> None:
        """Raises StoreError if the file can't be read or was sealed with another key."""
        self._path, self._seal = path, seal
        self._lock = threading.Lock()
        self._version = self._stat()
        self._people = self._load()

    @property
    def people(self) -> Mapping[str, Credentials]:
        """Who has something, by person_id."""
        return self._people

    def refresh(self) -> bool:
        """Take up what another process has changed; cheap when nothing was. Raises StoreError as `__init__` does."""
        with self._lock:
            return self._reload()

    def card(self, person_id: str) -> Card | None:
        """That person's card."""
        return self._people.get(person_id, Credentials()).card

    def owner(self, card: Card) -> str | None:
        """Whose card this is."""
        return next((person for person, known in self._people.items() if known.card == card), None)

    def pin_matches(self, person_id: str, pin: str) -> bool:
        """Whether it is that person's PIN; takes as long for somebody without one."""
        salt, _, expected = (self._people.get(person_id, Credentials()).pin or f"{'00' * 16}$").partition("$")
        return hmac.compare_digest(_hash(pin, bytes.fromhex(salt)), expected)

    def set_card(self, person_id: str, card: Card | None) -> None:
        """Raises PersonIdError, StoreError; ValueError if the card is somebody else's."""

        def give(known: Credentials) -> Credentials:
            owner = self.owner(card) if card is not None else None
            if card is not None and owner not in (None, person_id):
                raise ValueError(f"card {card.facility}:{card.number} belongs to {owner}; take it from them first")
            return replace(known, card=card)

        self._change([person_id], give)

    def set_pin(self, person_id: str, pin: str | None) -> None:
        """Raises PersonIdError, StoreError; ValueError for anything but 4 to 12 digits."""
        if pin is not None and not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
            raise ValueError("pin: expected 4 to 12 digits")
        salt = secrets.token_bytes(16)
        value = None if pin is None else f"{salt.hex()}${_hash(pin, salt)}"
        self._change([person_id], lambda known: replace(known, pin=value))

    def remove(self, *person_ids: str) -> bool:
        """Forget all that these people had; whether there was anything. Raises PersonIdError, StoreError."""
        return self._change(person_ids, lambda _: Credentials())

    def _change(self, person_ids: Collection[str], change: Callable[[Credentials], Credentials]) -> bool:
        for person_id in person_ids:
            check_person_id(person_id)
        with self._lock, locked(self._path.with_name("credentials.lock")):
            self._reload()
            changed = {person: change(self._people.get(person, Credentials())) for person in person_ids}
            people = {p: known for p, known in {**self._people, **changed}.items() if known != Credentials()}
            if people == self._people:
                return False
            self._save(people)
            self._version, self._people = self._stat(), people
            return True

    def _reload(self) -> bool:
        # The version first: what is written between the two is read again next time, not missed.
        version = self._stat()
        if version == self._version:
            return False
        self._people = self._load()
        self._version = version
        return True

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None  # what is wrong is said by the attempt to read it
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _load(self) -> Mapping[str, Credentials]:
        try:
            sealed = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(f"{self._path}: can't be read: {error}") from error
        try:
            data = json.loads(self._seal.open(sealed, _BOUND_TO))
        except Exception as error:
            raise StoreError(
                f"{self._path}: is damaged or was made with another key; restore it, or move it away and enter the"
                " cards and PINs again"
            ) from error
        return {
            person: Credentials(Card(**known["card"]) if known["card"] else None, known["pin"])
            for person, known in data.items()
        }

    def _save(self, people: Mapping[str, Credentials]) -> None:
        sealed = self._seal.seal(json.dumps({p: asdict(known) for p, known in people.items()}).encode(), _BOUND_TO)
        write_whole(self._path, sealed)


def _hash(pin: str, salt: bytes) -> str:
    return scrypt(pin.encode(), salt=salt, n=SCRYPT["n"], r=SCRYPT["r"], p=SCRYPT["p"], dklen=SCRYPT["dklen"]).hex()


_BOUND_TO = b"auther credentials 1"
