"""Images of an incident on their way out, and what was cleaned like them, on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest
from fakes.exclusions import deciding, entry
from fakes.instances import START, dataset, dicom_file
from sqlalchemy import Engine, select

from node.deidentify.header import describe
from node.deidentify.verdict import CleaningStep
from node.flows.clean_endings import settled_clean
from node.flows.clean_parts import Identified
from node.flows.describe import Described, Undescribed
from node.flows.image_search import ImageSearch, Level
from node.flows.jobs import Lease
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.exclusion import ExclusionKind
from node.intake.received import IntakeReason, NewReceived, ReceivedState
from node.storage.clean_index import CleanIndexStore
from node.storage.engine import Database, reading
from node.storage.exclusion_rows import ExclusionRowsStore
from node.storage.header_rows import HeaderRowsStore
from node.storage.image_register import ImageRegisterStore
from node.storage.incident_rows import IncidentRows
from node.storage.intake_tables import RECEIVED
from node.storage.job_queue import JobQueueStore
from node.storage.legal_holds import LegalHoldRows
from node.storage.received_index import ReceivedIndexStore

DATABASE = Database.INTAKE
NODE = Actor(ActorKind.NODE, "jobs")
SEARCHED, BLANKED = (CleaningStep.TEXT_SEARCHED,), (CleaningStep.TEXT_SEARCHED, CleaningStep.TEXT_BLANKED)


def clean_image(engine: Engine, letter: str, done: tuple[CleaningStep, ...] = SEARCHED) -> tuple[str, str]:
    """A received and a clean identifier of an image of the patient of this letter, in a study of its own."""
    received_id = new_id()
    event = AuditEvent(START, NODE, "instance.received", f"received:{received_id}")
    ReceivedIndexStore(engine).add([NewReceived(received_id, letter * 64, letter * 64, 9, b"", False, event)])
    register = ImageRegisterStore(engine)
    lookups = (letter * 64, letter * 64, letter * 64)
    named = register.identify([Identified(received_id, *lookups, b"sealed", b"sealed")])[received_id]
    (job,) = JobQueueStore(engine).lease("clean", 5, Lease("jobs", START, START + timedelta(minutes=1)))
    register.settle([settled_clean(job, START, done)])
    made = describe(dicom_file(dataset(f"1.{ord(letter)}", study=f"2.{ord(letter)}")))
    HeaderRowsStore(engine).keep([Described(Undescribed(named.image_id, named.patient_number), made)], START)
    return received_id, named.image_id


def hold(rows: IncidentRows, image_ids: list[str]) -> None:
    batch = rows.still_clean(image_ids)
    rows.hold(batch, [AuditEvent(START, NODE, "image.identity-seen", f"received:{one.received_id}") for one in batch])


def found(engine: Engine) -> int:
    return len(CleanIndexStore(engine).search(ImageSearch(Level.INSTANCE, 10)).found)


def test_held_images_stand_in_quarantine_and_no_search_finds_them(engine: Engine) -> None:
    rows = IncidentRows(engine)
    received_id, image_id = clean_image(engine, "a")
    clean_image(engine, "b")
    assert found(engine) == 2
    hold(rows, [image_id])
    assert found(engine) == 1
    assert rows.still_clean([image_id]) == []
    with reading(engine) as connection:
        row = connection.execute(select(RECEIVED).where(RECEIVED.c.received_id == received_id)).one()
    assert (row.state, row.reason) == (ReceivedState.QUARANTINED.value, IntakeReason.IDENTITY_SEEN.text_key)


def test_series_cleaned_by_the_same_rule_are_listed_and_others_are_not(engine: Engine) -> None:
    rows = IncidentRows(engine)
    _, seen = clean_image(engine, "a")
    clean_image(engine, "b")
    clean_image(engine, "c", BLANKED)
    clean_image(engine, "d")
    rule = rows.rule_of([seen])
    assert rule is not None
    assert rule.steps == (CleaningStep.TEXT_SEARCHED.value,)
    hold(rows, [seen])
    assert rows.rule_of([seen]) is None
    alike = rows.series(rule, 10)
    assert [one.images for one in alike] == [1, 1]
    assert len(rows.series(rule, 1)) == 1


def test_a_legal_hold_is_known_by_the_images_of_a_case(engine: Engine) -> None:
    _, image_id = clean_image(engine, "a")
    _, other = clean_image(engine, "b")
    at = START + timedelta(minutes=1)
    ExclusionRowsStore(engine).add([entry("a", ExclusionKind.LEGAL_HOLD, at)], deciding(at))
    holds = LegalHoldRows(engine)
    assert holds.holds_case([other, image_id])
    assert not holds.holds_case([other])
    assert not holds.holds_case([])
    (withdrawal,) = IncidentRows(engine).still_clean([image_id])
    assert withdrawal.held


@pytest.mark.parametrize("nothing", [[], ["11111111-1111-4111-8111-111111111111"]])
def test_images_that_are_not_here_have_no_rule_and_nothing_to_hold(engine: Engine, nothing: list[str]) -> None:
    rows = IncidentRows(engine)
    assert rows.rule_of(nothing) is None
    assert rows.still_clean(nothing) == []
