"""The terminal's own papers: a certificate for TLS and an RSA key that signs responses, made at first start."""

import os
import secrets
import socket
from contextlib import suppress
from datetime import datetime, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from daemon.errors import StoreError
from daemon.signing import load_private_key

# A terminal may have no clock yet when it makes its certificate, and it is trusted by its fingerprint, not its dates.
BEGINS = datetime(2020, 1, 1, tzinfo=timezone.utc)
ENDS = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)  # RFC 5280, 4.1.2.5: no end known
RSA_BITS = 2048

PrivateKey = ec.EllipticCurvePrivateKey | RSAPrivateKey


def ensure_certificate(folder: Path, *, names: tuple[str, ...]) -> tuple[Path, Path]:
    """Paths of certificate and private key in `folder`, made where they are missing. Raises StoreError."""
    certificate, key = folder / "tls.crt", folder / "tls.key"
    if not (certificate.exists() and key.exists()):
        private = ec.generate_private_key(ec.SECP256R1())
        _write(key, _private_pem(private))
        _write(certificate, _self_signed(private, names).public_bytes(serialization.Encoding.PEM), mode=0o644)
    return certificate, key


def ensure_signing_key(path: Path) -> RSAPrivateKey:
    """The key that signs responses, made where it is missing. Raises StoreError, ApiKeyError."""
    if not path.exists():
        _write(path, _private_pem(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)))
    try:
        return load_private_key(path.read_bytes())
    except OSError as error:
        raise StoreError(f"{path}: can't be read: {error.strerror}; run as the daemon's user") from error


def public_pem(key: RSAPrivateKey) -> str:
    """The half that clients check responses with."""
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a PEM certificate as `openssl x509 -fingerprint -sha256` shows it. Raises StoreError."""
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(f"{certificate}: not a certificate that can be read: {error}") from error
    return found.fingerprint(hashes.SHA256()).hex(":").upper()


def _self_signed(private: ec.EllipticCurvePrivateKey, names: tuple[str, ...]) -> x509.Certificate:
    known = dict.fromkeys(("localhost", "127.0.0.1", "::1", socket.gethostname(), *names))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Auther Embedded")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in known if name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode())


def _private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    # Under another name first: a power cut leaves the whole file or none.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise StoreError(f"{path}: can't be written: {error.strerror}; see storage.folder") from error
