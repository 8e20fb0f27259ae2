"""Joining: what is compared before anything is sent, and the sentences a person gets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from factories import SITE, an_enrolment_answer, an_invitation
from fakes.wall import migrated
from fakes.wall_cast import COORDINATOR_IDENTITY, SOMEBODY_ELSE, SetClock, sealed_by_coordinator

from node.flows.coordinator_line import AuthorityRefused, CoordinatorRefused, CoordinatorUnreachable
from node.flows.join import Joining, join
from node.flows.join_refusals import (
    AnswerNotSealed,
    CoordinatorRefusedJoin,
    CoordinatorSilent,
    FingerprintDiffers,
    InvitationDamaged,
    InvitationExpired,
    InvitationForOther,
    InvitationUnknown,
    InvitationUsed,
    JoinedAlready,
    JoinRefused,
    ServerNotCertified,
)
from node.ground.keyring import Keyring, make_keys
from node.ground.membership import read_membership
from node.ground.texts import Language
from node.release.outbox import Passage
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_send import WallUnit
from protocols.encoding import decode, encode
from protocols.enrolment import EnrolmentRequest, EnrolmentState, Invitation, TransportKey
from protocols.signing import PublicIdentity, Purpose, seal, unseal

INVITATION = an_invitation(coordinator_key=COORDINATOR_IDENTITY.public.raw)
ANSWER = sealed_by_coordinator(an_enrolment_answer(), Purpose.ENROLMENT_ANSWER)


@dataclass
class Played:
    """One hospital about to join, and the line as the test wants it."""

    keyring: Keyring
    home: Path
    ledger: WallLedger
    joining: Joining
    clock: SetClock
    sent: list[bytes] = field(default_factory=list)
    answer: Callable[[], bytes] = lambda: ANSWER

    def enrol(self, sealed: bytes) -> bytes:
        self.sent.append(sealed)
        return self.answer()


@pytest.fixture
def hospital(tmp_path: Path) -> Played:
    engine, clock, lines = migrated(Database.WALL, tmp_path), SetClock(), list[Played]()
    keyring, outbox = make_keys(tmp_path / "keys"), WallOutbox(engine)
    joining = Joining(
        keyring, tmp_path / "membership.json", WallUnit(engine), outbox, outbox, lambda _: lines[0], clock
    )
    lines.append(Played(keyring, tmp_path, WallLedger(engine), joining, clock))
    return lines[0]


def raises(error: Exception) -> Callable[[], bytes]:
    def raise_it() -> bytes:
        raise error

    return raise_it


def joined(hospital: Played, invitation: Invitation = INVITATION, *, expect: str | None = None) -> object:
    return join(hospital.joining, invitation.to_text(), expect_fingerprint=expect)


def refused(hospital: Played, invitation: Invitation = INVITATION, *, expect: str | None = None) -> JoinRefused:
    with pytest.raises(JoinRefused) as refusal:
        join(hospital.joining, invitation.to_text(), expect_fingerprint=expect)
    return refusal.value


def test_joining_stores_the_membership_and_gives_both_fingerprints(hospital: Played) -> None:
    told = join(hospital.joining, INVITATION.to_text(), expect_fingerprint=COORDINATOR_IDENTITY.public.fingerprint)
    membership = read_membership(hospital.home / "membership.json")
    assert (membership.site_id, membership.coordinator, membership.address) == (
        SITE,
        COORDINATOR_IDENTITY.public,
        "127.0.0.1:9443",
    )
    assert told.own_fingerprint == hospital.keyring.identity().public.fingerprint
    assert told.coordinator_fingerprint == COORDINATOR_IDENTITY.public.fingerprint
    assert told.state is EnrolmentState.WAITING


def test_the_request_shows_the_identity_the_certified_transport_key_and_the_token(hospital: Played) -> None:
    joined(hospital)
    identity = hospital.keyring.identity().public
    request, _ = decode(unseal(hospital.sent[0], identity, Purpose.ENROLMENT), EnrolmentRequest)
    assert (request.token, PublicIdentity(request.identity_key)) == (INVITATION.token, identity)
    decode(unseal(request.sealed_transport_key, identity, Purpose.TRANSPORT_KEY), TransportKey)


def test_the_request_is_in_the_ledger_before_it_is_sent(hospital: Played) -> None:
    seen: list[int] = []

    def answers() -> bytes:
        seen.append(hospital.ledger.head().number)
        return ANSWER

    hospital.answer = answers
    joined(hospital)
    assert seen == [1]
    (row,) = hospital.ledger.page(0, 10)
    assert (row.entry.message_kind, row.passage) == ("enrolment-request", Passage.DELIVERED)


def test_a_fingerprint_may_be_typed_in_any_spacing_and_case(hospital: Played) -> None:
    joined(hospital, expect=COORDINATOR_IDENTITY.public.fingerprint.upper().replace(" ", ""))


def test_a_wrong_fingerprint_is_refused_and_nothing_is_sent(hospital: Played) -> None:
    refusal = refused(hospital, expect=SOMEBODY_ELSE.public.fingerprint)
    assert isinstance(refusal, FingerprintDiffers)
    assert SOMEBODY_ELSE.public.fingerprint in refusal.public_text(Language.KO)
    assert (hospital.sent, hospital.ledger.head().number) == ([], 0)


def test_a_damaged_invitation_is_refused(hospital: Played) -> None:
    for text in ("", "hello", INVITATION.to_text()[:-9], "intramuros-invitation:####"):
        with pytest.raises(InvitationDamaged):
            join(hospital.joining, text, expect_fingerprint=None)
    assert isinstance(refused(hospital, INVITATION.model_copy(update={"coordinator_key": b"short"})), InvitationDamaged)


def test_an_expired_invitation_is_refused_here_already(hospital: Played) -> None:
    hospital.clock.pass_time(timedelta(days=2))
    assert isinstance(refused(hospital), InvitationExpired)
    assert hospital.sent == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invitation-used", InvitationUsed),
        ("invitation-expired", InvitationExpired),
        ("invitation-unknown", InvitationUnknown),
        ("invitation-for-other", InvitationForOther),
    ],
)
def test_what_the_coordinator_says_of_an_invitation_is_told_in_clear_text(
    hospital: Played, code: str, kind: type[JoinRefused]
) -> None:
    hospital.answer = raises(CoordinatorRefused(code, 403))
    refusal = refused(hospital)
    assert type(refusal) is kind
    assert "coordinator" in refusal.public_text(Language.EN)
    assert "초대장" in refusal.public_text(Language.KO)
    assert not (hospital.home / "membership.json").exists()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CoordinatorUnreachable("ConnectError", sent=False), CoordinatorSilent),
        (AuthorityRefused(), ServerNotCertified),
        (CoordinatorRefused("site-exists", 409), CoordinatorRefusedJoin),
    ],
)
def test_a_line_that_fails_says_what_to_do(hospital: Played, error: Exception, kind: type[JoinRefused]) -> None:
    hospital.answer = raises(error)
    assert type(refused(hospital)) is kind


def test_an_answer_sealed_by_another_key_is_refused(hospital: Played) -> None:
    hospital.answer = lambda: seal(encode(an_enrolment_answer()), SOMEBODY_ELSE, Purpose.ENROLMENT_ANSWER)
    assert isinstance(refused(hospital), AnswerNotSealed)
    assert not (hospital.home / "membership.json").exists()


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(hospital: Played) -> None:
    hospital.answer = raises(CoordinatorUnreachable("ReadTimeout", sent=True))
    refused(hospital)
    assert hospital.ledger.page(0, 1)[0].passage is Passage.UNKNOWN
    hospital.clock.pass_time(timedelta(minutes=5))
    hospital.answer = lambda: ANSWER
    joined(hospital)
    assert hospital.sent[0] == hospital.sent[1]
    assert hospital.ledger.head().number == 1


def test_a_node_joins_once(hospital: Played) -> None:
    joined(hospital)
    assert isinstance(refused(hospital), JoinedAlready)
    assert len(hospital.sent) == 1
