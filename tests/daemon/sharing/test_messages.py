"""What travels between terminals: sealed for one site, one person and one version."""

from datetime import datetime, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.sharing.messages import (
    MAX_PAYLOAD_BYTES,
    Refused,
    SharedTemplate,
    SiteCodec,
    decode_person,
    encode_person,
)
from daemon.sharing.site_key import SiteKey
from daemon.sharing.versions import Version
from daemon.storage.people import Person
from daemon.storage.records import StoredTemplate
from tests.daemon.stores import MODEL, vector

SITE = SiteKey(key=bytes(32))
FOREIGN = SiteKey(key=bytes([1]) * 32)
CODEC = SiteCodec(site=SITE, base_topic="auther")
WHEN = datetime(2024, 5, 6, tzinfo=timezone.utc)
ADA = Person("ada", WHEN, WHEN, groups=("staff",), templates=2)
VERSION = Version(1_700_000_000_000, 3, "door1", b"12345678")
HASH = SITE.person_hash("ada")


def templates() -> list[SharedTemplate]:
    return [SharedTemplate(MODEL, StoredTemplate("ada", WHEN, 0.9, "test", vector(seed))) for seed in (1, 2)]


CONTENT = encode_person(ADA, templates())
PAYLOAD = CODEC.seal(HASH, VERSION, CONTENT)


def test_a_person_arrives_as_sent() -> None:
    message = CODEC.open(HASH, PAYLOAD)
    assert (message.hash, message.version) == (HASH, VERSION)
    assert message.shared is not None
    assert message.shared.person == ADA
    for came, sent in zip(message.shared.templates, templates(), strict=True):
        assert came.model == MODEL
        assert np.array_equal(came.template.embedding, sent.template.embedding)


def test_a_tombstone_holds_the_version_and_nothing_else() -> None:
    payload = CODEC.seal(HASH, VERSION, b"")
    assert CODEC.open(HASH, payload).shared is None
    assert len(payload) == 3 + len(VERSION.pack()) + 12 + 16


def test_nothing_of_a_person_is_readable_on_the_way() -> None:
    for secret in (b"ada", b"staff", vector(1).tobytes()[:16]):
        assert secret not in PAYLOAD
    assert "ada" not in CODEC.topic(HASH)


@given(st.integers(0, len(PAYLOAD) - 1), st.integers(1, 255))
def test_no_byte_can_be_altered(index: int, mask: int) -> None:
    altered = bytearray(PAYLOAD)
    altered[index] ^= mask
    with pytest.raises(Refused):
        CODEC.open(HASH, bytes(altered))


@given(st.integers(0, len(PAYLOAD) - 1))
def test_nothing_can_be_cut_off(size: int) -> None:
    with pytest.raises(Refused):
        CODEC.open(HASH, PAYLOAD[:size])


def test_a_payload_is_worth_nothing_on_another_persons_topic() -> None:
    with pytest.raises(Refused, match="altered, moved or foreign"):
        CODEC.open(SITE.person_hash("bob"), PAYLOAD)


def test_another_sites_payload_is_refused() -> None:
    foreign = SiteCodec(site=FOREIGN, base_topic="auther")
    with pytest.raises(Refused, match="foreign"):
        CODEC.open(HASH, foreign.seal(HASH, VERSION, CONTENT))


def test_a_version_can_not_be_exchanged() -> None:
    later = VERSION.pack().replace(b"door1", b"door9")
    with pytest.raises(Refused):
        CODEC.open(HASH, PAYLOAD.replace(VERSION.pack(), later))


def test_a_person_sealed_for_anothers_topic_is_refused() -> None:
    other = SITE.person_hash("bob")
    with pytest.raises(Refused, match="another person"):
        CODEC.open(other, CODEC.seal(other, VERSION, CONTENT))


def test_a_newer_release_is_told_from_a_forgery() -> None:
    with pytest.raises(Refused, match="format 2, this one knows 1"):
        CODEC.open(HASH, b"\2" + PAYLOAD[1:])


def test_what_is_too_long_is_not_even_opened() -> None:
    with pytest.raises(Refused, match="bytes, at most"):
        CODEC.open(HASH, PAYLOAD + bytes(MAX_PAYLOAD_BYTES))


@pytest.mark.parametrize("content", [b"x", CONTENT[:-1], CONTENT + b"\0\0\0\0", CONTENT.replace(b"ada", b"bob", 1)])
def test_a_key_holder_who_sends_nonsense_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="not readable"):
        CODEC.open(HASH, CODEC.seal(HASH, VERSION, content))


def test_a_person_without_templates_is_one() -> None:
    assert decode_person(encode_person(Person("ada", WHEN, WHEN), [])).templates == ()


def test_topics_are_read_back_and_others_ignored() -> None:
    assert CODEC.hash_of(CODEC.topic(HASH)) == HASH
    prefix = f"auther/site/{SITE.site_id}"
    for topic in (f"{prefix}/sync/door1", f"{prefix}/person/ab", "auther/door1/access", CODEC.topic(HASH).upper()):
        assert CODEC.hash_of(topic) is None
    assert CODEC.shard_filter(HASH[0]) == CODEC.topic(HASH).rsplit("/", 1)[0] + "/+"


def test_two_sites_have_nothing_in_common() -> None:
    assert FOREIGN.site_id != SITE.site_id
    assert FOREIGN.person_hash("ada") != HASH
    assert FOREIGN.transform_secret != SITE.transform_secret
