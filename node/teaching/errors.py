"""What this station refuses, named by the fact."""

from __future__ import annotations

from node.ground.errors import NodeError
from node.ground.told import Told


class CertificateUnknown(NodeError):
    """The person holds no certificate for this task today."""


class CertificateBroken(Told):
    """A file is no certificate, or a byte of it was changed after it was signed."""

    text_key = "teaching.certificate_broken"


class CertificateOfAnother(Told):
    """Another hospital signed the certificate than the one that was named."""

    text_key = "teaching.certificate_of_another"


class CertificateExpired(Told):
    """The last day of the certificate has passed."""

    text_key = "teaching.certificate_expired"


class CertificateUnreadable(Told):
    """The system does not give the file of a certificate."""

    text_key = "teaching.certificate_unreadable"
