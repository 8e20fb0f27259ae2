"""Which received bytes may go early: intake's half of the rule, on SQLite and PostgreSQL."""

from datetime import timedelta

from fakes.instances import START
from sqlalchemy import Engine, insert

from node.flows.make_room import Purgeable
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.received import NewReceived, ReceivedState
from node.storage.engine import Database, writing
from node.storage.intake_tables import IMAGE, PATIENT, RECEIVED
from node.storage.purgeable_rows import PurgeableRowsStore
from node.storage.received_index import ReceivedIndexStore
from node.storage.retained_rows import RetainedRowsStore

DATABASE = Database.INTAKE
NODE = Actor(ActorKind.NODE, "jobs")
LATER = START + timedelta(days=9)


def received(engine: Engine, letter: str, *, days: int, state: ReceivedState = ReceivedState.CLEAN) -> Purgeable:
    """An image that was settled so many days after the start."""
    received_id, image_id, settled_at = new_id(), new_id(), START + timedelta(days=days)
    event = AuditEvent(START, NODE, "instance.received", f"received:{received_id}")
    store = ReceivedIndexStore(engine)
    store.add([NewReceived(received_id, letter * 64, letter * 64, 10, b"sealed", False, event)])
    with writing(engine) as connection:
        patient = insert(PATIENT).values(patient_lookup=letter * 64, sealed_identity=b"")
        connection.execute(
            insert(IMAGE).values(
                image_id=image_id,
                received_id=received_id,
                patient_number=connection.execute(patient.returning(PATIENT.c.patient_number)).scalar_one(),
                instance_lookup=letter * 64,
                sealed_identity=b"",
            )
        )
        row = RECEIVED.update().where(RECEIVED.c.received_id == received_id)
        connection.execute(row.values(state=state.value, settled_at=settled_at))
    return Purgeable(received_id, image_id, settled_at)


def test_clean_images_are_listed_page_by_page_the_longest_settled_first(engine: Engine) -> None:
    images = [received(engine, letter, days=days) for letter, days in (("c", 3), ("a", 1), ("b", 2), ("d", 2))]
    rows = PurgeableRowsStore(engine)
    first = rows.purgeable(LATER, None, 2)
    rest = rows.purgeable(LATER, first[-1], 9)
    assert [*first, *rest] == sorted(images, key=lambda image: (image.settled_at, image.received_id))
    assert rows.purgeable(LATER, rest[-1], 9) == []


def test_what_is_protected_dropped_not_clean_or_not_settled_for_long_is_not_listed(engine: Engine) -> None:
    protected, dropped, may_go = (received(engine, letter, days=1) for letter in "abc")
    received(engine, "d", days=1, state=ReceivedState.QUARANTINED)
    received(engine, "e", days=8)
    retained = RetainedRowsStore(engine)
    retained.protect(protected.received_id, AuditEvent(START, NODE, "received.protected", "received:a"))
    retained.mark_dropped([dropped.received_id], [AuditEvent(START, NODE, "received.dropped", "received:b")])
    assert PurgeableRowsStore(engine).purgeable(START + timedelta(days=5), None, 9) == [may_go]
