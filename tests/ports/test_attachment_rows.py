"""Objects found beside the images they name, on SQLite and PostgreSQL: whichever came first, and never another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.instances import START
from sqlalchemy import Engine, insert, select

from node.deidentify.attachments import AttachmentKind
from node.flows.clean_endings import settled_clean
from node.flows.clean_parts import Attachment, Identified
from node.flows.jobs import Lease
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.received import NewReceived
from node.labeling.attached import AttachedObject
from node.storage.attachment_rows import AttachmentStore
from node.storage.engine import Database, reading, writing
from node.storage.image_register import ImageRegisterStore
from node.storage.intake_tables import AUDIT, TOMBSTONE
from node.storage.job_queue import JobQueueStore
from node.storage.received_index import ReceivedIndexStore

DATABASE = Database.INTAKE
NODE = Actor(ActorKind.NODE, "jobs")


def clean_image(engine: Engine, letter: str, patient: str) -> str:
    """The identifier of a clean image of a patient, both named by a letter."""
    received_id, register = new_id(), ImageRegisterStore(engine)
    event = AuditEvent(START, NODE, "instance.received", f"received:{received_id}")
    ReceivedIndexStore(engine).add([NewReceived(received_id, letter * 64, letter * 64, 9, b"", False, event)])
    identified = Identified(received_id, letter * 64, patient * 64, patient * 64, b"sealed", b"sealed")
    image_id = register.identify([identified])[received_id].image_id
    (job,) = JobQueueStore(engine).lease("clean", 5, Lease("jobs", START, START + timedelta(minutes=1)))
    register.settle([settled_clean(job, START)])
    return image_id


def attach(engine: Engine, image_id: str, *letters: str) -> None:
    event = AuditEvent(START, NODE, "image.attached", f"image:{image_id}")
    sources = tuple(letter * 64 for letter in letters)
    AttachmentStore(engine).attach(Attachment(image_id, AttachmentKind.SEGMENTATION, sources), event)


@pytest.mark.parametrize("source_first", [True, False])
def test_an_object_is_found_beside_each_image_it_names_whichever_came_first(engine: Engine, source_first: bool) -> None:
    images = [clean_image(engine, letter, "p") for letter in "ab"] if source_first else []
    mask = clean_image(engine, "m", "p")
    attach(engine, mask, "a", "b")
    images = images or [clean_image(engine, letter, "p") for letter in "ab"]
    other = clean_image(engine, "c", "p")
    (beside,) = {tuple(found) for found in AttachmentStore(engine).of_images(images).values()}
    assert beside == (AttachedObject(mask, AttachmentKind.SEGMENTATION),)
    assert AttachmentStore(engine).of_images([other, mask]) == {}
    assert AttachmentStore(engine).of_images([]) == {}


def test_attaching_again_replaces_and_is_told_to_the_audit_trail(engine: Engine) -> None:
    first, second, mask = (clean_image(engine, letter, "p") for letter in "abm")
    attach(engine, mask, "a")
    attach(engine, mask, "b")
    assert list(AttachmentStore(engine).of_images([first, second])) == [second]
    with reading(engine) as connection:
        told = connection.scalars(select(AUDIT.c.action).where(AUDIT.c.subject == f"image:{mask}")).all()
    assert list(told) == ["image.attached"] * 2


def test_an_object_never_shows_beside_another_patients_image(engine: Engine) -> None:
    image, mask = clean_image(engine, "a", "p"), clean_image(engine, "m", "q")
    attach(engine, mask, "a")
    assert AttachmentStore(engine).of_images([image]) == {}


def test_nothing_is_shown_of_a_patient_who_opted_out(engine: Engine) -> None:
    image, mask = clean_image(engine, "a", "p"), clean_image(engine, "m", "p")
    attach(engine, mask, "a")
    with writing(engine) as connection:
        connection.execute(insert(TOMBSTONE).values(patient_lookup="p" * 64, recorded_at=START))
    assert AttachmentStore(engine).of_images([image]) == {}
