from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW, a_transport_key, an_enrolment_request, an_identity
from fakes.coordinator_world import TRANSPORT_PEM, World

from coordinator.flows.join import SiteExists, admit, enrol, invite, remove
from coordinator.membership.invitation import InvitationExpired, InvitationUnknown, InvitationUsed
from coordinator.membership.site import FingerprintDiffers, SiteUnknown
from protocols.encoding import decode, encode
from protocols.enrolment import EnrolmentAnswer, EnrolmentState, Invitation
from protocols.signing import Identity, Purpose, seal, unseal


def asked_with(token: str, identity: Identity, name: str = "a") -> bytes:
    key = seal(encode(a_transport_key(public_key_pem=TRANSPORT_PEM)), identity, Purpose.TRANSPORT_KEY)
    request = an_enrolment_request(
        token=token, site_name=name, identity_key=identity.public.raw, sealed_transport_key=key
    )
    return seal(encode(request), identity, Purpose.ENROLMENT)


def test_an_invitation_carries_all_a_hospital_needs_and_names_the_address_it_is_told(world: World) -> None:
    made = invite(world.work, replace(world.face, address="10.0.0.1:443"), "a", hours=1, now=NOW)
    read = Invitation.from_text(made.to_text())
    assert (read.address, read.coordinator_key) == ("10.0.0.1:443", world.face.identity.public.raw)


def test_an_enrolled_hospital_waits_until_it_is_admitted(world: World) -> None:
    sealed = asked_with(invite(world.work, world.face, "a", hours=1, now=NOW).token, an_identity(1))
    answer = enrol(world.work, world.face, sealed, now=NOW)
    told, _ = decode(unseal(answer, world.face.identity.public, Purpose.ENROLMENT_ANSWER), EnrolmentAnswer)
    assert told.state is EnrolmentState.WAITING


def test_the_same_request_sent_again_is_the_same_site(world: World) -> None:
    sealed = asked_with(invite(world.work, world.face, "a", hours=1, now=NOW).token, an_identity(1))
    first = enrol(world.work, world.face, sealed, now=NOW)
    assert enrol(world.work, world.face, sealed, now=NOW + timedelta(days=1)) == first


def test_an_invitation_used_by_another_key_is_refused(world: World) -> None:
    token = invite(world.work, world.face, "a", hours=1, now=NOW).token
    enrol(world.work, world.face, asked_with(token, an_identity(1)), now=NOW)
    with pytest.raises(InvitationUsed):
        enrol(world.work, world.face, asked_with(token, an_identity(9)), now=NOW)


def test_an_expired_or_invented_token_is_refused_and_leaves_no_site(world: World) -> None:
    token = invite(world.work, world.face, "a", hours=1, now=NOW).token
    with pytest.raises(InvitationExpired):
        enrol(world.work, world.face, asked_with(token, an_identity(1)), now=NOW + timedelta(hours=1))
    with pytest.raises(InvitationUnknown):
        enrol(world.work, world.face, asked_with("x" * 43, an_identity(1)), now=NOW)
    with world.work.reading() as books:
        assert books.sites.all() == ()


def test_a_wrong_fingerprint_admits_nobody(world: World) -> None:
    hospital = world.enrolled("a")
    with pytest.raises(FingerprintDiffers):
        admit(world.work, "a", an_identity(9).public.fingerprint, now=NOW)
    world.reconcile()
    assert world.engine.registered == {}
    assert admit(world.work, "a", hospital.identity.public.fingerprint, now=NOW).site_id == hospital.site_id


def test_an_unknown_site_is_not_admitted(world: World) -> None:
    with pytest.raises(SiteUnknown):
        admit(world.work, "nobody", "0000", now=NOW)


def test_a_name_or_key_that_belongs_is_not_given_away(world: World) -> None:
    world.enrolled("a")
    with pytest.raises(SiteExists):
        invite(world.work, world.face, "a", hours=1, now=NOW)
    token = invite(world.work, world.face, "b", hours=1, now=NOW).token
    with pytest.raises(SiteExists):
        enrol(world.work, world.face, asked_with(token, world.hospitals[0].identity, "b"), now=NOW)


def test_a_removed_hospital_can_join_again_as_a_new_site(world: World) -> None:
    first = world.admitted("a")
    remove(world.work, "a", now=NOW)
    world.reconcile()
    token = invite(world.work, world.face, "a", hours=1, now=NOW).token
    enrol(world.work, world.face, asked_with(token, first.identity), now=NOW)
    with world.work.reading() as books:
        states = [site.state for site in books.sites.all()]
    assert states == [EnrolmentState.REMOVED, EnrolmentState.WAITING]
    assert admit(world.work, "a", first.identity.public.fingerprint, now=NOW).site_id != first.site_id
