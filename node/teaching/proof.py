"""A certificate as a signed file, and how another hospital reads it: by the fingerprint that was compared by voice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from node.readers.pledge import Certificate
from node.teaching.errors import CertificateBroken, CertificateExpired, CertificateOfAnother
from protocols.certificates import LabelerCertificate
from protocols.encoding import decode, encode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.signing import Identity, Purpose, seal, unseal_any

MAX_FILE_BYTES: Final = 16_384


def certificate_file(held: Certificate, *, holder: str, hospital: str, identity: Identity) -> bytes:
    """The certificate, sealed by the hospital."""
    message = LabelerCertificate(
        hospital=hospital,
        holder=holder,
        task=held.task,
        issued_at=held.issued_at,
        valid_until=held.last_day.isoformat(),
    )
    return seal(encode(message), identity, Purpose.CERTIFICATE)


def read_certificate(file: bytes, fingerprint: str, now: datetime) -> LabelerCertificate:
    """The certificate, once it is proven to be of the hospital with this fingerprint and to hold today.

    Raises:
        CertificateBroken, CertificateOfAnother, CertificateExpired: it is not.
    """
    try:
        opened = unseal_any(file[: MAX_FILE_BYTES + 1], Purpose.CERTIFICATE)
        message, _ = decode(opened.frame, LabelerCertificate, max_bytes=MAX_FILE_BYTES)
        last_day = date.fromisoformat(message.valid_until)
    except (SignatureRefused, FrameRefused, ValueError):
        raise CertificateBroken from None
    if "".join(opened.signer.fingerprint.split()) != "".join(fingerprint.lower().split()):
        raise CertificateOfAnother(fingerprint=opened.signer.fingerprint)
    if now.date() > last_day:
        raise CertificateExpired(until=message.valid_until)
    return message
