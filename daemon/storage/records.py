"""What a person's and a template's record look like before they are encrypted."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt

from daemon.storage.people import Embedding, Person

_PERSON = struct.Struct("<qqqqBBH")  # created, updated, valid from, valid until (µs), active, bytes of id, of groups
_TEMPLATE = struct.Struct("<qfHBB")  # created (µs), quality, dimension, bytes of person_id, of source
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_NEVER = -(2**63)
_PADDING = 64


@dataclass(frozen=True)
class StoredTemplate:
    """A template as it lies in the store: `embedding` is float32 (D,), already transformed."""

    person_id: str
    created: datetime
    quality: float
    source: str
    embedding: Embedding

    def with_embedding(self, embedding: Embedding) -> "StoredTemplate":
        """The same template in another space."""
        return StoredTemplate(self.person_id, self.created, self.quality, self.source, embedding)


def pack_person(person: Person) -> bytes:
    """Padded, so that the length tells little of the id. `templates` is not part of it."""
    identity = person.person_id.encode("ascii")
    groups = json.dumps(person.groups, ensure_ascii=False).encode() if person.groups else b""
    times = (micros(person.created), micros(person.updated), micros(person.valid_from), micros(person.valid_until))
    plain = _PERSON.pack(*times, person.active, len(identity), len(groups)) + identity + groups
    return plain + bytes(-len(plain) % _PADDING)


def unpack_person(plain: bytes, *, templates: int) -> Person:
    """Raises ValueError or struct.error for what `pack_person` did not make."""
    created, updated, start, end, active, size, groups_size = _PERSON.unpack_from(plain)
    groups_at = _PERSON.size + size
    groups = plain[groups_at : groups_at + groups_size]
    return Person(
        person_id=plain[_PERSON.size : groups_at].decode("ascii"),
        created=_EPOCH + created * _MICROSECOND,
        updated=_EPOCH + updated * _MICROSECOND,
        active=bool(active),
        valid_from=_time(start),
        valid_until=_time(end),
        groups=tuple(json.loads(groups)) if groups else (),
        templates=templates,
    )


def pack_template(template: StoredTemplate) -> bytes:
    """It says itself whose it is: a large gallery loads without opening the people's records."""
    person_id, source = template.person_id.encode("ascii"), template.source.encode()
    vector = np.ascontiguousarray(template.embedding, dtype="<f4")
    created = micros(template.created)
    head = _TEMPLATE.pack(created, template.quality, vector.size, len(person_id), len(source))
    return head + vector.tobytes() + person_id + source


def unpack_template(plain: bytes) -> StoredTemplate:
    """Raises ValueError or struct.error for what `pack_template` did not make."""
    created, quality, dimension, id_size, size = _TEMPLATE.unpack_from(plain)
    vector = np.frombuffer(plain, "<f4", dimension, _TEMPLATE.size)
    id_at = _TEMPLATE.size + 4 * dimension
    person_id = plain[id_at : id_at + id_size].decode("ascii")
    source = plain[id_at + id_size :][:size].decode()
    return StoredTemplate(person_id, _EPOCH + created * _MICROSECOND, quality, source, vector)


def unpack_vector(plain: bytes) -> Embedding:
    """Only the embedding of what `pack_template` made, float32 (D,). Raises ValueError for anything else."""
    return np.frombuffer(plain, "<f4", int.from_bytes(dimension_bytes(plain), "little"), _TEMPLATE.size)


def dimension_bytes(plain: bytes) -> bytes:
    """The bytes of a template's record that say how long its embedding is."""
    return plain[12:14]


def vectors_and_ids(plains: Sequence[bytes]) -> tuple[Embedding, npt.NDArray[np.bytes_]]:
    """The embeddings, float32 (n, D), and the person_ids of records of one dimension: what loading a gallery needs."""
    dimension = int.from_bytes(dimension_bytes(plains[0]), "little") if plains else 0
    start, end = _TEMPLATE.size, _TEMPLATE.size + 4 * dimension
    vectors = np.frombuffer(b"".join([plain[start:end] for plain in plains]), "<f4")
    person_ids = np.array([plain[end : end + plain[14]] for plain in plains], np.bytes_)
    return vectors.reshape(len(plains), dimension), person_ids


def micros(time: datetime | None) -> int:
    """Microseconds since 1970, as records hold them; the least number there is for None."""
    return _NEVER if time is None else (time - _EPOCH) // _MICROSECOND


def _time(micros: int) -> datetime | None:
    return None if micros == _NEVER else _EPOCH + micros * _MICROSECOND
