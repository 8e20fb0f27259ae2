"""Patients, images and the sealed way back in `intake.db`; settles images and their jobs in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from node.flows.clean_parts import Identified, Registered, Settlement
from node.ground.ids import new_id
from node.intake.received import ReceivedState
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.exclusion_rows import bury, tell_held
from node.storage.intake_tables import (
    AUDIT,
    EXCLUSION,
    IMAGE,
    JOB,
    PATIENT,
    PATIENT_OTHER_NUMBER,
    RECEIVED,
    TOMBSTONE,
)
from node.storage.job_queue import DEAD
from node.storage.quarantine_store import overruled_reasons


class ImageRegisterStore:
    """Implements `ImageRegister`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def instance_lookups(self, received_ids: Sequence[str]) -> Mapping[str, str]:
        """The lookup each image was received under. Raises: StoreFailed."""
        query = select(RECEIVED.c.received_id, RECEIVED.c.instance_lookup)
        with refusing(), reading(self._engine) as connection:
            rows = connection.execute(query.where(RECEIVED.c.received_id.in_(received_ids))).all()
        return {row.received_id: row.instance_lookup for row in rows}

    def overruled(self, received_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """The reasons people overruled, as text keys, for images that were released. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            return overruled_reasons(connection, received_ids)

    def identify(self, batch: Sequence[Identified]) -> Mapping[str, Registered]:
        """The names of each image, the same at every call; none for a patient who is excluded. Raises: StoreFailed."""
        if not batch:
            return {}
        with refusing(), writing(self._engine) as connection:
            numbers = _patients(connection, batch)
            _remember_other_numbers(connection, batch, numbers)
            names = _images(connection, batch, numbers)
            excluded = _excluded(connection, batch)
            return {received_id: name for received_id, name in names.items() if received_id not in excluded}

    def settle(self, batch: Sequence[Settlement]) -> None:
        """Images, jobs and audit events are settled together, or none. Raises: StoreFull, StoreFailed."""
        if not batch:
            return
        with refusing(), writing(self._engine) as connection:
            _move(connection, _still_waiting(connection, batch))
            _end_jobs(connection, batch)


def _excluded(connection: Connection, batch: Sequence[Identified]) -> frozenset[str]:
    """The images of the batch whose patients are excluded; each of these patients has a tombstone."""
    listed = select(EXCLUSION.c.number_lookup, EXCLUSION.c.since)
    every = {lookup for image in batch for lookup in (image.number_lookup, *image.other_lookups)}
    listed = listed.where(EXCLUSION.c.number_lookup.in_(every))
    since = {row.number_lookup: row.since for row in connection.execute(listed)}
    if since:
        listed_in = (
            image for image in batch if not since.keys().isdisjoint((image.number_lookup, *image.other_lookups))
        )
        of_list = {image.patient_lookup for image in listed_in}
        bury(connection, of_list, max(since.values()))
    buried = select(TOMBSTONE.c.patient_lookup)
    buried = buried.where(TOMBSTONE.c.patient_lookup.in_({image.patient_lookup for image in batch}))
    patients = frozenset(connection.scalars(buried))
    return frozenset(image.received_id for image in batch if image.patient_lookup in patients)


def _patients(connection: Connection, batch: Sequence[Identified]) -> dict[str, int]:
    """The number of every patient in the batch, new ones numbered now."""
    whom = {image.patient_lookup: image for image in batch}
    query = select(PATIENT.c.patient_lookup, PATIENT.c.patient_number).where(PATIENT.c.patient_lookup.in_(whom))
    numbers = {row.patient_lookup: row.patient_number for row in connection.execute(query)}
    for lookup in whom.keys() - numbers.keys():
        new = {"sealed_identity": whom[lookup].sealed_patient, "number_lookup": whom[lookup].number_lookup}
        row = insert(PATIENT).values(patient_lookup=lookup, **new)
        numbers[lookup] = connection.execute(row.returning(PATIENT.c.patient_number)).scalar_one()
    return numbers


def _remember_other_numbers(connection: Connection, batch: Sequence[Identified], patients: Mapping[str, int]) -> None:
    """The other numbers of every patient in the batch are known."""
    told = {(lookup, patients[image.patient_lookup]) for image in batch for lookup in image.other_lookups}
    if not told:
        return
    other = PATIENT_OTHER_NUMBER.c
    known = select(other.number_lookup, other.patient_number)
    known = known.where(other.patient_number.in_({patient for _, patient in told}))
    new = told - {(row.number_lookup, row.patient_number) for row in connection.execute(known)}
    if new:
        rows = [{"number_lookup": lookup, "patient_number": patient} for lookup, patient in sorted(new)]
        connection.execute(insert(PATIENT_OTHER_NUMBER), rows)


def _images(connection: Connection, batch: Sequence[Identified], patients: Mapping[str, int]) -> dict[str, Registered]:
    """The identifier of every image in the batch, new ones named now."""
    wanted = [image.received_id for image in batch]
    query = select(IMAGE.c.received_id, IMAGE.c.image_id, IMAGE.c.patient_number).where(IMAGE.c.received_id.in_(wanted))
    names = {row.received_id: Registered(row.image_id, row.patient_number) for row in connection.execute(query)}
    rows = []
    for image in batch:
        if image.received_id not in names:
            names[image.received_id] = Registered(new_id(), patients[image.patient_lookup])
            rows.append(_image_row(image, names[image.received_id]))
    if rows:
        connection.execute(insert(IMAGE), rows)
    return names


def _image_row(image: Identified, names: Registered) -> dict[str, object]:
    return {
        "image_id": names.image_id,
        "received_id": image.received_id,
        "patient_number": names.patient_number,
        "instance_lookup": image.instance_lookup,
        "sealed_identity": image.sealed_image,
        "cleaned_at": None,
    }


def _still_waiting(connection: Connection, batch: Sequence[Settlement]) -> list[Settlement]:
    """What was settled before keeps its state."""
    query = select(RECEIVED.c.received_id).where(
        RECEIVED.c.received_id.in_([end.received_id for end in batch]),
        RECEIVED.c.state == ReceivedState.WAITING.value,
    )
    waiting = frozenset(connection.scalars(query))
    return [end for end in batch if end.received_id in waiting]


def _move(connection: Connection, ends: Sequence[Settlement]) -> None:
    """Each image has its new state and its audit event; clean ones are known as such."""
    if not ends:
        return
    rows = [
        {
            "of": end.received_id,
            "state": end.state.value,
            "reason": end.reason,
            "settled_at": end.event.at,
            "done": ",".join(end.done),
        }
        for end in ends
    ]
    connection.execute(update(RECEIVED).where(RECEIVED.c.received_id == bindparam("of")), rows)
    tell_held(connection, [end.received_id for end in ends])
    cleaned = [{"of": end.received_id, "cleaned_at": end.event.at} for end in ends if end.state is ReceivedState.CLEAN]
    if cleaned:
        connection.execute(update(IMAGE).where(IMAGE.c.received_id == bindparam("of")), cleaned)
    record(connection, AUDIT, *(end.event for end in ends))


def _end_jobs(connection: Connection, batch: Sequence[Settlement]) -> None:
    done = [end.job_number for end in batch if not end.buried_code]
    connection.execute(delete(JOB).where(JOB.c.number.in_(done)))
    for end in batch:
        if end.buried_code:
            job = update(JOB).where(JOB.c.number == end.job_number)
            connection.execute(job.values(state=DEAD, holder="", code=end.buried_code[:64]))
