"""What is stored about a person, as frozen values, and which person_ids exist at all."""

import re
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from daemon.errors import PersonIdError

Embedding = npt.NDArray[np.float32]

_PERSON_ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}")


def check_person_id(person_id: str) -> str:
    """Give back a well-formed person_id. Raises PersonIdError for any other."""
    if not _PERSON_ID.fullmatch(person_id):
        raise PersonIdError("person_id: expected 1 to 128 of A-Z a-z 0-9 . _ : @ -")
    return person_id


@dataclass(frozen=True)
class Person:
    """An enrolled person. Times are aware and UTC; `templates` counts those of every model.

    `active` False is a suspended person: kept, and matched by nobody. Outside `valid_from` .. `valid_until` (None: no
    limit) the person is still matched, so that the policy can name the refusal.
    """

    person_id: str
    created: datetime
    updated: datetime
    active: bool = True
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    groups: tuple[str, ...] = ()
    templates: int = 0


@dataclass(frozen=True)
class NewTemplate:
    """A reference to store: `embedding` is float32 (D,) of unit length; `quality` 0..1.

    `model` names the network and its version ("mobilefacenet-512-int8/0.0.1"): only templates of one model compare.
    `source` says where the picture came from ("api", "camera", "folder"), at most 255 bytes of UTF-8.
    """

    embedding: Embedding = field(repr=False)
    model: str
    source: str
    quality: float


@dataclass(frozen=True)
class Erasure:
    """Receipt of a removal: what was there, and that it is gone.

    `person_hash` is a keyed hash of the id (hex): it proves the removal to who knows the id and names nobody to others.
    `complete` is False when another process was reading and the write-ahead log still holds the erased, encrypted
    pages; the next write of any process empties it.
    """

    person_hash: str
    erased: datetime
    templates: int
    created: datetime
    updated: datetime
    complete: bool
    images: int = 0
