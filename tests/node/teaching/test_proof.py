"""A certificate is proven by the fingerprint of the hospital that signed it, byte by byte, until its last day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from node.readers.pledge import Certificate
from node.teaching.errors import CertificateBroken, CertificateExpired, CertificateOfAnother
from node.teaching.proof import MAX_FILE_BYTES, certificate_file, read_certificate
from protocols.signing import Identity, Purpose, seal

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIGNER = Identity.from_raw(bytes(range(32)))
FINGERPRINT = SIGNER.public.fingerprint
HELD = Certificate("p", "chest-film-abnormal", "t", NOW, date(2026, 9, 2))


def file() -> bytes:
    return certificate_file(HELD, holder="김라벨", hospital="예시병원", identity=SIGNER)


@pytest.mark.parametrize("fingerprint", [FINGERPRINT, FINGERPRINT.upper(), FINGERPRINT.replace(" ", "")])
def test_a_certificate_says_who_was_examined_by_whom_for_what(fingerprint: str) -> None:
    found = read_certificate(file(), fingerprint, NOW)
    assert (found.holder, found.hospital, found.task) == ("김라벨", "예시병원", "chest-film-abnormal")
    assert (found.issued_at, found.valid_until) == (NOW, "2026-09-02")


def test_it_holds_until_the_end_of_its_last_day() -> None:
    last = datetime(2026, 9, 2, 23, 59, tzinfo=UTC)
    assert read_certificate(file(), FINGERPRINT, last).task == HELD.task
    with pytest.raises(CertificateExpired):
        read_certificate(file(), FINGERPRINT, last + timedelta(minutes=1))


def test_another_hospitals_signature_is_told_by_its_fingerprint() -> None:
    other = Identity.generate()
    with pytest.raises(CertificateOfAnother):
        read_certificate(file(), other.public.fingerprint, NOW)
    forged = certificate_file(HELD, holder="김라벨", hospital="예시병원", identity=other)
    with pytest.raises(CertificateOfAnother):
        read_certificate(forged, FINGERPRINT, NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.replace(b"2026-09-02", b"2099-09-02"),
        lambda found: found[:-1],
        lambda found: found + b" ",
        lambda found: b"",
        lambda found: b"x" * (MAX_FILE_BYTES + 5),
        lambda found: seal(b"no frame", SIGNER, Purpose.CERTIFICATE),
        lambda found: seal(b"a statement", SIGNER, Purpose.STATEMENT),
    ],
)
def test_a_changed_file_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(CertificateBroken):
        read_certificate(change(file()), FINGERPRINT, NOW)
