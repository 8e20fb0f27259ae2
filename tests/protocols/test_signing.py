"""Seals, signed requests and fingerprints."""

from __future__ import annotations

import factories
import pytest

from protocols.encoding import encode
from protocols.errors import SignatureRefused
from protocols.requests import authorization, parse_authorization
from protocols.signing import PublicIdentity, Purpose, seal, unseal

ME, OTHER = factories.an_identity(1), factories.an_identity(2)
FRAME = encode(factories.a_receipt())


def test_a_seal_opens_for_its_signer_and_purpose() -> None:
    assert unseal(seal(FRAME, ME, Purpose.RECEIPT), ME.public, Purpose.RECEIPT) == FRAME


def test_a_seal_for_another_purpose_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        unseal(seal(FRAME, ME, Purpose.RECEIPT), ME.public, Purpose.APPROVAL)


def test_a_purpose_that_was_rewritten_is_refused() -> None:
    sealed = seal(FRAME, ME, Purpose.UPDATE).replace(b"update", b"result")
    with pytest.raises(SignatureRefused):
        unseal(sealed, ME.public, Purpose.RESULT)


def test_a_seal_of_another_identity_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="another identity"):
        unseal(seal(FRAME, OTHER, Purpose.RECEIPT), ME.public, Purpose.RECEIPT)


@pytest.mark.parametrize("position", range(0, len(seal(FRAME, ME, Purpose.RECEIPT)), 7))
def test_one_changed_byte_is_refused(position: int) -> None:
    sealed = bytearray(seal(FRAME, ME, Purpose.RECEIPT))
    sealed[position] ^= 1
    with pytest.raises(SignatureRefused):
        unseal(bytes(sealed), ME.public, Purpose.RECEIPT)


def test_a_fingerprint_is_eight_groups_and_differs_between_keys() -> None:
    groups = ME.public.fingerprint.split(" ")
    assert [len(group) for group in groups] == [4] * 8
    assert ME.public.fingerprint != OTHER.public.fingerprint


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        PublicIdentity(b"short")


def _header(at: int = 1000, path: str = "/api/inbox") -> str:
    return authorization(ME, "site", factories.SITE, path, at)


def test_a_signed_request_verifies_for_its_path_and_time() -> None:
    request = parse_authorization(_header())
    request.verify(ME.public, "/api/inbox", now_unix_seconds=1200)
    assert (request.role, request.caller_id) == ("site", factories.SITE)


@pytest.mark.parametrize(
    ("key", "path", "now"),
    [(OTHER, "/api/inbox", 1000), (ME, "/api/plans", 1000), (ME, "/api/inbox", 1301), (ME, "/api/inbox", 699)],
)
def test_a_request_of_another_key_path_or_time_is_refused(key: object, path: str, now: int) -> None:
    assert key in (ME, OTHER)
    chosen = ME if key is ME else OTHER
    with pytest.raises(SignatureRefused):
        parse_authorization(_header()).verify(chosen.public, path, now_unix_seconds=now)


@pytest.mark.parametrize("header", ["", "Bearer x", _header()[:-1], _header() + "A", _header().replace("site=", "it=")])
def test_a_header_of_another_form_is_refused(header: str) -> None:
    with pytest.raises(SignatureRefused):
        parse_authorization(header)
