"""A person's message between the terminals of a site: bytes in, values out, and back. No I/O.

Payload: head | nonce (12) | AES-256-GCM(content) with the tag. The head is format (1), kind (0: tombstone, 1: person)
and the version, in clear; head, site and the person's hash are authenticated with the content, so that a payload is
worth nothing on another person's topic, at another site or with another version. The base topic is not part of it:
a bridge may move the tree. A tombstone's content is empty: it holds the version and nothing of the person.

Topics, below `<base>/site/<site id>/`: `person/<first byte of the hash>/<the other 15>` in hexadecimal, retained, and
`sync/<device>`. 256 branches, because brokers keep only so much for one subscriber at a time (mosquitto: 1,000).
"""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daemon.sharing.site_key import HASH_BYTES, SiteKey
from daemon.sharing.versions import Version
from daemon.storage.people import Person, check_person_id
from daemon.storage.records import StoredTemplate, pack_person, pack_template, unpack_person, unpack_template

FORMAT = 1
SHARDS = 256
MAX_PAYLOAD_BYTES = 256 * 1024
_TOMBSTONE, _PERSON = 0, 1
_NONCE_BYTES = 12
_HEAD = struct.Struct(">BBB")  # format, kind, bytes of the version
_PART = struct.Struct(">I")


class Refused(Exception):
    """A message that is not what a terminal of this site would have sent; the text says why, without its content."""


@dataclass(frozen=True, eq=False)
class SharedTemplate:
    """A template in the site's space, with the name of its model."""

    model: str
    template: StoredTemplate


@dataclass(frozen=True, eq=False)
class SharedPerson:
    """All that terminals share of a person."""

    person: Person
    templates: tuple[SharedTemplate, ...]


@dataclass(frozen=True, eq=False)
class PersonMessage:
    """A change of the person whose id has the keyed hash `hash`; `shared` is None when they were removed."""

    hash: bytes
    version: Version
    shared: SharedPerson | None


class SiteCodec:
    """Names the topics of a site, and seals and opens what travels on them."""

    def __init__(self, *, site: SiteKey, base_topic: str) -> None:
        self._site = site
        self._cipher = AESGCM(site.sealing_key)
        self._prefix = f"{base_topic}/site/{site.site_id}"

    def topic(self, person_hash: bytes) -> str:
        name = person_hash.hex()
        return f"{self._prefix}/person/{name[:2]}/{name[2:]}"

    def shard_filter(self, shard: int) -> str:
        """What to subscribe to for all people whose hash begins with the byte `shard`."""
        return f"{self._prefix}/person/{shard:02x}/+"

    def marker_topic(self, device_id: str) -> str:
        """Where a terminal sends itself a message that comes back behind what was on its way before."""
        return f"{self._prefix}/sync/{device_id}"

    def hash_of(self, topic: str) -> bytes | None:
        """The hash that a topic stands for; None when it is no person's topic."""
        name = topic.removeprefix(f"{self._prefix}/person/").replace("/", "")
        try:
            person_hash = bytes.fromhex(name)
        except ValueError:
            return None
        return person_hash if len(person_hash) == HASH_BYTES and self.topic(person_hash) == topic else None

    def seal(self, person_hash: bytes, version: Version, content: bytes) -> bytes:
        """The payload of a person, or with empty `content` of a tombstone."""
        packed = version.pack()
        head = _HEAD.pack(FORMAT, _PERSON if content else _TOMBSTONE, len(packed)) + packed
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + self._cipher.encrypt(nonce, content, self._bound(person_hash, head))

    def open(self, person_hash: bytes, payload: bytes) -> PersonMessage:
        """Raises Refused for what was altered, moved, sealed under another key, or is of a newer release."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise Refused(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} are allowed")
        try:
            head, version = _open_head(payload)
            nonce, sealed = payload[len(head) :][:_NONCE_BYTES], payload[len(head) + _NONCE_BYTES :]
            content = self._cipher.decrypt(nonce, sealed, self._bound(person_hash, head))
        except (InvalidTag, ValueError, struct.error):
            raise Refused("not sealed under this site's key for this topic: altered, moved or foreign") from None
        if head[1] == _TOMBSTONE:
            return PersonMessage(person_hash, version, None)
        try:
            shared = decode_person(content)
        except Exception as error:
            raise Refused(f"sealed with this site's key, but not readable ({error})") from None
        if self._site.person_hash(shared.person.person_id) != person_hash:
            raise Refused("sealed with this site's key, but for another person's topic")
        return PersonMessage(person_hash, version, shared)

    def _bound(self, person_hash: bytes, head: bytes) -> bytes:
        return b"auther site person" + self._site.site_id.encode() + person_hash + head


def encode_person(person: Person, templates: Sequence[SharedTemplate]) -> bytes:
    """Each part with its length before it: the person, then model and template by turns."""
    parts = [pack_person(person)]
    for shared in templates:
        parts += [shared.model.encode(), pack_template(shared.template)]
    return b"".join(_PART.pack(len(part)) + part for part in parts)


def decode_person(content: bytes) -> SharedPerson:
    """Raises ValueError, struct.error or PersonIdError for what `encode_person` did not make."""
    parts, at = [], 0
    while at < len(content):
        (size,) = _PART.unpack_from(content, at)
        parts.append(content[at + _PART.size : at + _PART.size + size])
        at += _PART.size + size
    if at != len(content) or not len(parts) % 2:
        raise ValueError("parts are missing")
    templates = tuple(
        SharedTemplate(model.decode(), unpack_template(record))
        for model, record in zip(parts[1::2], parts[2::2], strict=True)
    )
    person = unpack_person(parts[0], templates=len(templates))
    check_person_id(person.person_id)
    if any(shared.template.person_id != person.person_id for shared in templates):
        raise ValueError("a template of another person")
    return SharedPerson(person, templates)


def _open_head(payload: bytes) -> tuple[bytes, Version]:
    release, _, size = _HEAD.unpack_from(payload)
    if release != FORMAT:
        raise Refused(f"of another release (format {release}, this one knows {FORMAT}); update this terminal")
    head = payload[: _HEAD.size + size]
    return head, Version.unpack(head[_HEAD.size :])
