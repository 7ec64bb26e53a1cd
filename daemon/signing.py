"""Signatures of requests and responses: what is signed, and by what. No I/O here."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from daemon.errors import ApiKeyError

MIN_RSA_BITS = 2048


class Algorithm(str, Enum):
    """HMAC keyed with the key's secret, or RSASSA-PKCS1-v1_5; both over SHA-256."""

    HMAC = "hmac-sha256"
    RSA = "rsa-sha256"


@dataclass(frozen=True)
class Stamp:
    """When (Unix seconds) something was signed, and a word that never comes twice."""

    timestamp: int
    nonce: str


def request_text(method: str, target: str, stamp: Stamp, body: bytes) -> bytes:
    """What a client signs; `target` is path and query as they stand in the request line."""
    return _lines(method, target, str(stamp.timestamp), stamp.nonce, sha256(body).hexdigest())


def response_text(status: int, request_id: str, stamp: Stamp, body: bytes) -> bytes:
    """What the terminal signs; the nonce is the request's, so that an answer belongs to one question."""
    return _lines(str(status), request_id, str(stamp.timestamp), stamp.nonce, sha256(body).hexdigest())


def sign_hmac(secret: bytes, text: bytes) -> str:
    """Base64."""
    return base64.b64encode(hmac.digest(secret, text, "sha256")).decode()


def sign_rsa(key: RSAPrivateKey, text: bytes) -> str:
    """Base64."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def right_hmac(secret: bytes, text: bytes, signature: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(sign_hmac(secret, text).encode(), signature.encode())


def right_rsa(public_key: str, text: bytes, signature: str) -> bool:
    """Whether the owner of `public_key` (PEM) signed this."""
    try:
        check_public_key(public_key).verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def check_public_key(pem: str) -> RSAPublicKey:
    """An RSA key of at least 2048 bits. Raises ApiKeyError."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ApiKeyError("public key: not a PEM; make it with `openssl rsa -in KEY.pem -pubout`") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        raise ApiKeyError(f"public key: expected RSA of at least {MIN_RSA_BITS} bits")
    return key


def load_private_key(pem: bytes) -> RSAPrivateKey:
    """Raises ApiKeyError."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ApiKeyError("private key: not a PEM without a passphrase; make one with `openssl genrsa 2048`") from None
    if not isinstance(key, RSAPrivateKey):
        raise ApiKeyError("private key: expected an RSA key")
    return key


def _lines(*parts: str) -> bytes:
    return "\n".join(parts).encode()
