"""Keyed, stable stand-ins: the same patient, UID and shift on every process of the node, and nothing without the key.

HMAC-SHA256 (RFC 2104) with a label per use, so that one result never tells another. A patient is an issuer and an ID;
an image without a patient ID makes its study a patient of its own. Nothing is kept here: the way back is the node's
encrypted map. Source: PS3.15 E.1.1; UIDs after PS3.5 annex B.2.
"""

from __future__ import annotations

import base64
import hmac
import unicodedata
from functools import lru_cache
from typing import Final

from node.deidentify.errors import KeyTooShort
from node.deidentify.findings import HeaderSummary
from node.deidentify.policy import DEFAULT, Policy
from node.deidentify.verdict import Replacement

KEY_BYTES: Final = 32
LONGEST_SHIFT_DAYS: Final = 365 * 3


def patient_pseudonym(key: bytes, *, issuer: str, patient_id: str) -> str:
    """`P-` and 16 base32 letters (80 bits) for a patient of an issuer."""
    return _named(key, "P-", "patient", normalised(issuer), normalised(patient_id))


def new_uid(key: bytes, old_uid: str) -> str:
    """A UID under 2.25 from 128 keyed bits of the old one."""
    return f"2.25.{int.from_bytes(_keyed(key, 'uid', old_uid)[:16], 'big')}"


def date_shift_days(key: bytes, pseudonym: str) -> int:
    """Days from -1095 to -1, the same for every date of the patient."""
    return -1 - int.from_bytes(_keyed(key, "dates", pseudonym)[:8], "big") % LONGEST_SHIFT_DAYS


def patient_lookup(key: bytes, *, issuer: str, patient_id: str) -> str:
    """64 hex digits that find a patient again by the hospital's ID without storing it in clear."""
    return _keyed(key, "lookup", normalised(issuer), normalised(patient_id)).hex()


def replacement(summary: HeaderSummary, key: bytes, policy: Policy = DEFAULT) -> Replacement:
    """What stands in for the identity in the summarised image."""
    pseudonym = pseudonym_of(summary, key)
    return Replacement(
        patient_pseudonym=pseudonym,
        uid_map={uid: new_uid(key, uid) for uid in summary.uids},
        date_shift_days=date_shift_days(key, pseudonym),
        policy=policy,
    )


def pseudonym_of(summary: HeaderSummary, key: bytes) -> str:
    """The pseudonym of the patient shown; an image without a patient ID stands for its study alone."""
    if normalised(summary.patient_id):
        return patient_pseudonym(key, issuer=summary.issuer, patient_id=summary.patient_id)
    return _named(key, "P-", "study", summary.study_uid)


def project_pseudonym(project_key: bytes, pseudonym: str) -> str:
    """The pseudonym that one project has for a patient, from the node's own one."""
    return _named(project_key, "P-", "project-patient", pseudonym)


def project_case_name(project_key: bytes, case_id: str) -> str:
    """`C-` and 16 base32 letters: the name that one project has for a case, from the node's identifier of it."""
    return _named(project_key, "C-", "project-case", case_id)


def project_reader_code(project_key: bytes, reader: str) -> str:
    """`R-` and 16 base32 letters: the code that one project has for a reader, or for a single reading."""
    return _named(project_key, "R-", "project-reader", reader)


def normalised(identifier: str) -> str:
    """The identifier without the differences two machines make: padding, width of letters, outer spaces."""
    return unicodedata.normalize("NFKC", identifier.strip(" \0")).strip()


def _named(key: bytes, prefix: str, label: str, *parts: str) -> str:
    return prefix + base64.b32encode(_keyed(key, label, *parts)[:10]).decode("ascii")


@lru_cache(maxsize=1024)
def _keyed(key: bytes, label: str, *parts: str) -> bytes:
    if len(key) < KEY_BYTES:
        raise KeyTooShort(f"a pseudonym key has {KEY_BYTES} bytes or more")
    message = b""
    for text in (label, *parts):
        part = text.encode()
        message += len(part).to_bytes(4, "big") + part
    return hmac.digest(key, message, "sha256")
