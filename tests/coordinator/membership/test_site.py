from dataclasses import replace
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from factories import NOW, SITE, a_transport_key, an_enrolment_request, an_identity
from fakes.coordinator_world import TRANSPORT_PEM

from coordinator.membership.partner import PartnerKeyRefused, read_partner_key
from coordinator.membership.site import (
    TRANSITIONS,
    EnrolmentRefused,
    FingerprintDiffers,
    SiteAct,
    SiteChangeRefused,
    SiteNotAdmitted,
    TransportKeyRefused,
    admitted,
    check_admitted,
    new_site,
    read_enrolment,
    removed,
)
from protocols.encoding import encode
from protocols.enrolment import EnrolmentState
from protocols.signing import Identity, Purpose, seal

IDENTITY = an_identity()


def a_request(*, signer: Identity = IDENTITY, certifier: Identity = IDENTITY, pem: str = TRANSPORT_PEM) -> bytes:
    key = seal(encode(a_transport_key(public_key_pem=pem)), certifier, Purpose.TRANSPORT_KEY)
    return seal(encode(an_enrolment_request(sealed_transport_key=key)), signer, Purpose.ENROLMENT)


SITE_WAITING = new_site(SITE, read_enrolment(a_request()), now=NOW)


def test_an_enrolled_site_waits_and_may_not_take_part() -> None:
    assert SITE_WAITING.state is EnrolmentState.WAITING
    with pytest.raises(SiteNotAdmitted):
        check_admitted(SITE_WAITING)


def test_a_request_sealed_by_another_identity_is_refused() -> None:
    with pytest.raises(EnrolmentRefused):
        read_enrolment(a_request(signer=an_identity(9)))


def test_bytes_that_are_no_request_are_refused() -> None:
    with pytest.raises(EnrolmentRefused):
        read_enrolment(b"nothing of the kind")


def test_a_transport_key_certified_by_another_identity_is_refused() -> None:
    with pytest.raises(TransportKeyRefused):
        read_enrolment(a_request(certifier=an_identity(9)))


def test_a_transport_key_that_is_not_p384_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(TransportKeyRefused, match="P-384"):
        read_enrolment(a_request(pem=pem))
    with pytest.raises(TransportKeyRefused):
        read_enrolment(a_request(pem="-----BEGIN NOTHING-----"))


def test_a_fingerprint_read_out_in_any_spacing_admits() -> None:
    spoken = IDENTITY.public.fingerprint.replace(" ", "").upper()
    assert admitted(SITE_WAITING, spoken, now=NOW).state is EnrolmentState.ADMITTED


@pytest.mark.parametrize("spoken", ["", "0000 0000", an_identity(9).public.fingerprint, "지문"])
def test_a_wrong_fingerprint_is_refused(spoken: str) -> None:
    with pytest.raises(FingerprintDiffers):
        admitted(SITE_WAITING, spoken, now=NOW)


@pytest.mark.parametrize(("state", "act"), list(product(EnrolmentState, SiteAct)))
def test_a_site_moves_as_the_table_says_and_no_other_way(state: EnrolmentState, act: SiteAct) -> None:
    site = replace(SITE_WAITING, state=state)

    def move() -> EnrolmentState:
        if act is SiteAct.ADMIT:
            return admitted(site, IDENTITY.public.fingerprint, now=NOW).state
        return removed(site, now=NOW).state

    if (state, act) in TRANSITIONS:
        assert move() is TRANSITIONS[(state, act)]
    else:
        with pytest.raises(SiteChangeRefused):
            move()


def test_a_node_is_told_it_is_admitted_only_once_its_key_is_let_in() -> None:
    site = replace(SITE_WAITING, state=EnrolmentState.ADMITTED)
    assert site.shown_state is EnrolmentState.WAITING
    assert replace(site, node_id=2**63 + 1).shown_state is EnrolmentState.ADMITTED


@pytest.mark.parametrize("text", ["", "intramuros-partner-key:", "zz" * 32, "ab" * 31])
def test_a_text_that_is_no_partner_key_is_refused(text: str) -> None:
    with pytest.raises(PartnerKeyRefused):
        read_partner_key(text)
