"""What people may do with a quarantined image, and what the audit trail says of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from fakes.instances import START, dataset, dicom_file
from fakes.intake import MemoryBytes, MemoryIntake, Row
from fakes.quarantine import MemoryQuarantine
from fakes.sandbox import OpenSandbox

from node.deidentify.overruling import OVERRULABLE, overruled_by, reason_of
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, Quarantined, QuarantineReason
from node.flows import quarantine
from node.flows.act import Act
from node.flows.quarantine import DeleteReason, QuarantineDesk, ReleaseReason, delete, open_frame, release
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.received import IntakeReason, NewReceived, ReceivedState

STEWARD = Act(Actor(ActorKind.PERSON, "kim"), START)
ANOTHER = Act(Actor(ActorKind.PERSON, "lee"), START)
BURNED_IN = "deidentify.burned_in_annotation"
SEEN = ReleaseReason.NOTHING_IDENTIFIES


@dataclass
class Room:
    """A quarantine with one image in it."""

    desk: QuarantineDesk
    intake: MemoryIntake
    image: str

    def acts(self) -> list[tuple[str, str, str]]:
        return [(event.actor.actor_id, event.action, event.reason) for event in self.intake.events]


def room(reason: str = BURNED_IN, raw: bytes | None = None) -> Room:
    intake, blobs, image = MemoryIntake(), MemoryBytes(), new_id()
    event = AuditEvent(START, Actor(ActorKind.PEER, "CT3"), "instance.received", f"received:{image}")
    new = NewReceived(image, "a" * 64, "a" * 64, 10, b"", broken=False, event=event)
    intake.rows[image] = Row(new, ReceivedState.QUARANTINED, reason, START)
    blobs.kept[image] = dicom_file() if raw is None else raw
    return Room(QuarantineDesk(MemoryQuarantine(intake), blobs, OpenSandbox()), intake, image)


def test_who_opens_a_picture_is_in_the_audit_trail_before_it_is_read() -> None:
    held = room()
    opened = open_frame(held.desk, held.image, 1, STEWARD)
    assert opened.png.startswith(b"\x89PNG")
    assert opened.frames == 1
    assert held.acts() == [("kim", "quarantine.opened", "")]


@pytest.mark.parametrize(("raw", "number"), [(b"no image at all", 1), (None, 2), (None, 0), (None, -1)])
def test_what_has_no_picture_cannot_be_shown_and_the_look_is_recorded_all_the_same(
    raw: bytes | None, number: int
) -> None:
    held = room(raw=raw)
    with pytest.raises(quarantine.NothingToShow):
        open_frame(held.desk, held.image, number, STEWARD)
    assert held.acts() == [("kim", "quarantine.opened", "")]


def test_bytes_that_are_gone_cannot_be_shown() -> None:
    held = room()
    held.desk.blobs.drop(held.image)
    with pytest.raises(quarantine.NothingToShow):
        open_frame(held.desk, held.image, 1, STEWARD)


def test_a_person_who_looked_releases_the_image_with_a_reason() -> None:
    held = room()
    open_frame(held.desk, held.image, 1, STEWARD)
    release(held.desk, held.image, overruled=BURNED_IN, reason=SEEN, act=STEWARD)
    assert held.intake.state_of(held.image) == ("waiting", "")
    assert held.intake.overruled([held.image]) == {held.image: frozenset({BURNED_IN})}
    assert held.acts()[-1] == ("kim", "quarantine.released", "nothing-identifies")


def test_nobody_releases_what_another_person_looked_at() -> None:
    held = room()
    open_frame(held.desk, held.image, 1, ANOTHER)
    with pytest.raises(quarantine.NotLookedAt):
        release(held.desk, held.image, overruled=BURNED_IN, reason=SEEN, act=STEWARD)
    assert held.intake.state_of(held.image) == ("quarantined", BURNED_IN)


def test_a_release_for_a_reason_the_image_no_longer_stands_for_is_refused() -> None:
    held = room("deidentify.screen_save")
    open_frame(held.desk, held.image, 1, STEWARD)
    with pytest.raises(quarantine.DecisionOutdated):
        release(held.desk, held.image, overruled=BURNED_IN, reason=SEEN, act=STEWARD)


def test_somebody_quicker_makes_a_decision_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    held = room()
    open_frame(held.desk, held.image, 1, STEWARD)
    monkeypatch.setattr(held.desk.rows, "release", lambda *_: False)
    monkeypatch.setattr(held.desk.rows, "delete", lambda *_: False)
    with pytest.raises(quarantine.DecisionOutdated):
        release(held.desk, held.image, overruled=BURNED_IN, reason=SEEN, act=STEWARD)
    with pytest.raises(quarantine.NotInQuarantine):
        delete(held.desk, held.image, reason=DeleteReason.NOT_NEEDED, act=STEWARD)


TRIED_AGAIN = {"deidentify.too_costly", "intake.cleaning_failed"}
JUDGED = {f"deidentify.{reason.value}" for reason in OVERRULABLE}
STANDING = {f"deidentify.{reason.value}" for reason in QuarantineReason} | {reason.text_key for reason in IntakeReason}
OUT = {IntakeReason.DELETED.text_key, IntakeReason.EXCLUDED.text_key, IntakeReason.LEGAL_HOLD.text_key}
NEVER = sorted(STANDING - JUDGED - TRIED_AGAIN - OUT)


@pytest.mark.parametrize("reason", NEVER)
def test_what_is_no_judgement_about_the_picture_nobody_overrules(reason: str) -> None:
    held = room(reason)
    open_frame(held.desk, held.image, 1, STEWARD)
    with pytest.raises(quarantine.NotReleasable):
        release(held.desk, held.image, overruled=reason, reason=SEEN, act=STEWARD)
    assert held.intake.state_of(held.image) == ("quarantined", reason)


@pytest.mark.parametrize("reason", ["intake.cleaning_failed", "deidentify.too_costly"])
def test_what_failed_for_the_machines_sake_is_tried_again_without_a_look(reason: str) -> None:
    held = room(reason)
    with pytest.raises(quarantine.NotReleasable):
        release(held.desk, held.image, overruled=reason, reason=SEEN, act=STEWARD)
    release(held.desk, held.image, overruled=reason, reason=ReleaseReason.TRY_AGAIN, act=STEWARD)
    assert held.intake.state_of(held.image) == ("waiting", "")
    assert overruled_by(held.intake.overruled([held.image])[held.image]) == frozenset()


def test_a_judgement_is_not_overruled_by_trying_again() -> None:
    held = room()
    with pytest.raises(quarantine.NotReleasable):
        release(held.desk, held.image, overruled=BURNED_IN, reason=ReleaseReason.TRY_AGAIN, act=STEWARD)


def test_a_deleted_image_is_gone_with_its_bytes() -> None:
    held = room()
    delete(held.desk, held.image, reason=DeleteReason.IDENTITY_VISIBLE, act=STEWARD)
    assert held.desk.rows.reason_of(held.image) is None
    assert held.acts() == [("kim", "quarantine.deleted", "identity-visible"), ("kim", "received.dropped", "")]
    with pytest.raises(quarantine.NotInQuarantine):
        open_frame(held.desk, held.image, 1, STEWARD)
    with pytest.raises(quarantine.NotInQuarantine):
        delete(held.desk, held.image, reason=DeleteReason.NOT_NEEDED, act=STEWARD)


def test_a_release_overrules_that_one_reason_and_the_next_one_quarantines_again() -> None:
    image = dataset()
    image.BurnedInAnnotation = "YES"
    image.ImageType = ["DERIVED", "SECONDARY"]
    raw, sandbox = dicom_file(image), OpenSandbox()
    stand_ins = replacement(summarise(raw), bytes(range(32)))
    once = overruled_by([BURNED_IN, "intake.excluded", "deidentify.malformed"])
    assert once == {QuarantineReason.BURNED_IN_ANNOTATION}
    assert sandbox.clean(raw, stand_ins, overruled=once) == Quarantined(QuarantineReason.DERIVED_SECONDARY)
    twice = once | {QuarantineReason.DERIVED_SECONDARY}
    assert isinstance(sandbox.clean(raw, stand_ins, overruled=twice), CleanImage)


def test_the_reason_behind_a_text_key_is_this_stations_own() -> None:
    assert reason_of(BURNED_IN) is QuarantineReason.BURNED_IN_ANNOTATION
    assert reason_of("intake.excluded") is None
    assert reason_of("deidentify.identifiers_replaced") is None


@pytest.mark.parametrize("reason", [IntakeReason.EXCLUDED, IntakeReason.LEGAL_HOLD])
def test_an_image_of_an_excluded_patient_is_opened_by_nobody_and_leaves_no_act(reason: IntakeReason) -> None:
    held = room(reason.text_key)
    with pytest.raises(quarantine.NothingToShow):
        open_frame(held.desk, held.image, 1, STEWARD)
    with pytest.raises(quarantine.NotReleasable):
        release(held.desk, held.image, overruled=reason.text_key, reason=SEEN, act=STEWARD)
    assert held.acts() == []


def test_under_a_legal_hold_nobody_deletes_and_otherwise_a_steward_may() -> None:
    held = room(IntakeReason.LEGAL_HOLD.text_key)
    with pytest.raises(quarantine.NotDeletable):
        delete(held.desk, held.image, reason=DeleteReason.PATIENT_ASKED, act=STEWARD)
    assert held.intake.state_of(held.image) == ("quarantined", "intake.legal_hold")
    out = room(IntakeReason.EXCLUDED.text_key)
    delete(out.desk, out.image, reason=DeleteReason.PATIENT_ASKED, act=STEWARD)
    assert out.intake.state_of(out.image) == ("quarantined", "intake.deleted")
