"""What a clean file says about its own de-identification. Source: PS3.3 C.7.1.1, C.12.1.1; PS3.15 E.1.1; CID 7050."""

from __future__ import annotations

from functools import lru_cache

from node.deidentify.policy import TEMPORAL, Policy, method_codes
from node.deidentify.summary import PATIENT_ID
from node.deidentify.verdict import Replacement
from node.deidentify.writing import Written, encode_sequence, written_text


def statement(replacement: Replacement, *, little_endian: bool) -> list[Written]:
    """The pseudonym, the method with the table's edition, and the code of the profile and of every option chosen."""
    said = _of_policy(replacement.policy, replacement.method, little_endian=little_endian)
    return [written_text(PATIENT_ID, "LO", replacement.patient_pseudonym), *said]


@lru_cache(maxsize=64)
def _of_policy(policy: Policy, method: str, *, little_endian: bool) -> tuple[Written, ...]:
    return (
        written_text(0x00080005, "CS", "ISO_IR 192"),
        written_text(0x00120062, "CS", "YES"),
        written_text(0x00120063, "LO", method),
        _codes(policy, little_endian=little_endian),
        written_text(0x00280303, "CS", TEMPORAL[policy.dates]),
    )


def _codes(policy: Policy, *, little_endian: bool) -> Written:
    codes = [
        [
            written_text(0x00080100, "SH", code),
            written_text(0x00080102, "SH", "DCM"),
            written_text(0x00080104, "LO", meaning),
        ]
        for code, meaning in method_codes(policy)
    ]
    return encode_sequence(0x00120064, codes, little_endian=little_endian)
