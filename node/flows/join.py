"""A hospital joins: the invitation is read, the fingerprint compared, one request sent, the membership stored.

The request passes the gate and stands in the ledger before it leaves. Nothing is sent to a coordinator whose
fingerprint is not the one that was told by voice, nor to a server the invitation's authority did not certify.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from node.flows.coordinator_line import (
    AuthorityRefused,
    CoordinatorRefused,
    CoordinatorUnreachable,
    EnrolmentLine,
)
from node.flows.inbox import Outbox
from node.flows.join_refusals import (
    AnswerNotSealed,
    CoordinatorSilent,
    FingerprintDiffers,
    InvitationDamaged,
    InvitationExpired,
    JoinedAlready,
    ServerNotCertified,
    refused_with,
)
from node.flows.send import SendUnit, parcel_of, send
from node.ground.clock import Clock
from node.ground.keyring import Keyring
from node.ground.membership import Membership, MembershipMissing, read_membership, write_membership
from node.release.gate import pass_gate
from node.release.outbox import News, Origin
from node.release.promise import Outgoing, Promise
from protocols.encoding import decode
from protocols.enrolment import EnrolmentAnswer, EnrolmentRequest, EnrolmentState, Invitation
from protocols.errors import FrameRefused, SignatureRefused
from protocols.signing import Identity, PublicIdentity, Purpose, unseal


class EnrolmentRequests(Protocol):
    """Requests to join that were released and whose bytes are kept."""

    def enrolment_requests(self) -> list[bytes]:
        """Their sealed bytes, the latest first."""
        ...


@dataclass(frozen=True, slots=True)
class Joined:
    """Both fingerprints, to be compared by voice, and where this site stands."""

    site_id: str
    site_name: str
    coordinator_name: str
    own_fingerprint: str
    coordinator_fingerprint: str
    state: EnrolmentState


@dataclass(frozen=True, slots=True)
class Joining:
    """What joining needs."""

    keyring: Keyring
    membership_path: Path
    unit: SendUnit
    outbox: Outbox
    requests: EnrolmentRequests
    line_to: Callable[[Invitation], EnrolmentLine]
    clock: Clock


def join(joining: Joining, invitation_text: str, *, expect_fingerprint: str | None) -> Joined:
    """Both fingerprints of a membership that is stored; admission follows once they were compared.

    Raises:
        JoinRefused: with a sentence for the person who joins.
    """
    invitation = _readable(invitation_text)
    coordinator = PublicIdentity(invitation.coordinator_key)
    _check_fingerprint(coordinator, expect_fingerprint)
    _check_new(joining)
    now = joining.clock.now()
    if now >= invitation.expires_at:
        raise InvitationExpired
    identity = joining.keyring.identity()
    sealed = _sent_before(joining, invitation, identity) or _released(joining, invitation, identity, now)
    answer = _answer(joining, invitation, sealed)
    joining.outbox.tell(hashlib.sha256(sealed).hexdigest(), News.RECEIPT, joining.clock.now())
    write_membership(joining.membership_path, _membership(invitation, answer, now))
    return Joined(
        site_id=answer.site_id,
        site_name=invitation.site_name,
        coordinator_name=invitation.coordinator_name,
        own_fingerprint=identity.public.fingerprint,
        coordinator_fingerprint=coordinator.fingerprint,
        state=answer.state,
    )


def _readable(invitation_text: str) -> Invitation:
    try:
        invitation = Invitation.from_text(invitation_text)
        PublicIdentity(invitation.coordinator_key)
    except (FrameRefused, SignatureRefused):
        raise InvitationDamaged from None
    return invitation


def _check_fingerprint(coordinator: PublicIdentity, expected: str | None) -> None:
    if expected is None:
        return
    if "".join(expected.split()).lower() != "".join(coordinator.fingerprint.split()):
        raise FingerprintDiffers(found=coordinator.fingerprint, expected=expected)


def _check_new(joining: Joining) -> None:
    try:
        membership = read_membership(joining.membership_path)
    except MembershipMissing:
        return
    raise JoinedAlready(coordinator=membership.coordinator_name)


def _sent_before(joining: Joining, invitation: Invitation, identity: Identity) -> bytes | None:
    """The request that was released for this invitation when its answer was lost; the same bytes are sent again."""
    for sealed in joining.requests.enrolment_requests():
        try:
            frame = unseal(sealed, identity.public, Purpose.ENROLMENT)
            request, _ = decode(frame, EnrolmentRequest, max_bytes=65_536)
        except (SignatureRefused, FrameRefused):
            continue
        if request.token == invitation.token:
            return sealed
    return None


def _released(joining: Joining, invitation: Invitation, identity: Identity, now: datetime) -> bytes:
    request = EnrolmentRequest(
        token=invitation.token,
        site_name=invitation.site_name,
        identity_key=identity.public.raw,
        sealed_transport_key=joining.keyring.transport_certificate(1, now),
        requested_at=now,
    )
    passed = pass_gate(Outgoing(request), Promise(identity.public.raw), identity)
    parcel = parcel_of(passed, Origin(), now)
    return send(joining.unit, parcel, needs_approval=passed.row.needs_approval, clock=joining.clock)


def _answer(joining: Joining, invitation: Invitation, sealed: bytes) -> EnrolmentAnswer:
    try:
        answered = joining.line_to(invitation).enrol(sealed)
        frame = unseal(answered, PublicIdentity(invitation.coordinator_key), Purpose.ENROLMENT_ANSWER)
        answer, _ = decode(frame, EnrolmentAnswer, max_bytes=65_536)
    except AuthorityRefused:
        raise ServerNotCertified(address=invitation.address) from None
    except CoordinatorUnreachable as lost:
        if lost.sent:
            joining.outbox.tell(hashlib.sha256(sealed).hexdigest(), News.SILENCE, joining.clock.now())
        raise CoordinatorSilent(address=invitation.address) from None
    except CoordinatorRefused as refusal:
        raise refused_with(refusal.code) from None
    except (SignatureRefused, FrameRefused):
        raise AnswerNotSealed from None
    return answer


def _membership(invitation: Invitation, answer: EnrolmentAnswer, now: datetime) -> Membership:
    return Membership(
        site_id=answer.site_id,
        coordinator_name=invitation.coordinator_name,
        coordinator_key=invitation.coordinator_key,
        address=invitation.address,
        authority_pem=invitation.authority_pem,
        joined_at=now,
    )
