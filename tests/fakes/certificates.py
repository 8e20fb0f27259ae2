"""A hospital's private authority for tests, and certificates it signs, written as PEM files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class HospitalAuthority:
    """Signs certificates of RSA 2048, which every DICOM program knows."""

    def __init__(self, folder: Path, name: str = "Hospital authority") -> None:
        self._folder = folder
        self._name = name
        self._key = rsa.generate_private_key(65537, 2048)
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(self._signed(name, self._key, authority=True).public_bytes(Encoding.PEM))

    def issue(self, name: str) -> tuple[Path, Path]:
        """The files of a certificate and of its key; what stood there before is replaced."""
        key = rsa.generate_private_key(65537, 2048)
        certificate, secret = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        certificate.write_bytes(self._signed(name, key, authority=False).public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, secret

    def _signed(self, name: str, key: rsa.RSAPrivateKey, *, authority: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        built = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(self._name))
        built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
        built = built.not_valid_before(now - _DAY).not_valid_after(now + _DAY)
        built = built.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        return built.sign(self._key, hashes.SHA256())
