"""Exclusions in `intake.db`: every entry, who is excluded now, and what that means for patients and their images.

A patient known here who is excluded has a tombstone, which hides every image of theirs at once; the images themselves
are taken out afterwards (`withdrawal_rows`). When the last exclusion of a patient is lifted, the images whose bytes are
still kept wait for cleaning again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    union,
    union_all,
    update,
)

from node.flows.exclude_parts import KindCount, Returned
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.intake.exclusion import ExclusionEntry, ExclusionKind, LiftReason, standing
from node.intake.received import IntakeReason, ReceivedState
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import (
    AUDIT,
    EXCLUSION,
    EXCLUSION_ENTRY,
    IMAGE,
    PATIENT,
    PATIENT_OTHER_NUMBER,
    RECEIVED,
    TOMBSTONE,
)
from node.storage.quarantine_store import queue_cleaning

_AT_ONCE: Final = 500
_OUT: Final = (IntakeReason.EXCLUDED.text_key, IntakeReason.LEGAL_HOLD.text_key)
EXCLUDED_NOW: Final = select(PATIENT.c.patient_number).join(
    TOMBSTONE, TOMBSTONE.c.patient_lookup == PATIENT.c.patient_lookup
)
"""The numbers of the patients whose images nobody sees."""
_OTHER: Final = PATIENT_OTHER_NUMBER
NUMBERS: Final = union_all(
    select(PATIENT.c.patient_number, PATIENT.c.number_lookup), select(_OTHER.c.patient_number, _OTHER.c.number_lookup)
).subquery("numbers")
"""Every number of every patient: their own, and the others that their headers have."""
_HELD: Final = EXCLUSION.c.kind == ExclusionKind.LEGAL_HOLD.value
# Two halves, each from the few exclusions to their patients by an index, and never through every number there is.
HELD_BY_LAW: Final = select(IMAGE.c.received_id).where(
    IMAGE.c.patient_number.in_(
        union_all(
            select(PATIENT.c.patient_number).where(PATIENT.c.number_lookup == EXCLUSION.c.number_lookup, _HELD),
            select(_OTHER.c.patient_number).where(_OTHER.c.number_lookup == EXCLUSION.c.number_lookup, _HELD),
        )
    )
)
"""The received images of which nothing may be deleted."""

_UNBURIED: Final = PATIENT.c.patient_lookup.not_in(select(TOMBSTONE.c.patient_lookup))
_OVERLOOKED: Final = union(
    select(EXCLUSION.c.number_lookup).where(EXCLUSION.c.number_lookup == PATIENT.c.number_lookup, _UNBURIED),
    select(EXCLUSION.c.number_lookup).where(
        EXCLUSION.c.number_lookup == _OTHER.c.number_lookup,
        PATIENT.c.patient_number == _OTHER.c.patient_number,
        _UNBURIED,
    ),
)
"""Numbers whose patients were made known beside the act that excludes them, or got their lookup after it."""


class ExclusionRowsStore:
    """Implements `ExclusionRows`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def entries(self) -> dict[str, ExclusionEntry]:
        """Every entry, by identifier. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            return {row.entry_id: _entry(row) for row in connection.execute(select(EXCLUSION_ENTRY))}

    def add(self, entries: Sequence[ExclusionEntry], event: AuditEvent) -> Returned:
        """The entries are kept, and count from now on; what comes back by it. Raises: StoreFull, StoreFailed."""
        again = gone = 0
        with refusing(), writing(self._engine) as connection:
            for part in _parts(entries):
                _insert_missing(connection, part)
                back = _settle(connection, sorted({entry.number_lookup for entry in part}), event.at)
                again, gone = again + back.again, gone + back.gone
            record(connection, AUDIT, event)
        return Returned(again, gone)

    def obey(self, now: datetime) -> None:
        """Everybody known who is excluded has a tombstone. Raises: as `add`."""
        with refusing(), reading(self._engine) as connection:
            overlooked = connection.scalars(_OVERLOOKED).all()
        for part in _parts(overlooked):
            with refusing(), writing(self._engine) as connection:
                _settle(connection, part, now)

    def count(self) -> Sequence[KindCount]:
        """How many numbers of each kind stand, and how many patients and images of theirs are here."""
        query = (
            select(
                EXCLUSION.c.kind,
                func.count(EXCLUSION.c.number_lookup.distinct()).label("numbers"),
                func.count(NUMBERS.c.patient_number.distinct()).label("patients"),
                func.count(IMAGE.c.image_id.distinct()).label("images"),
            )
            .select_from(EXCLUSION)
            .outerjoin(NUMBERS, NUMBERS.c.number_lookup == EXCLUSION.c.number_lookup)
            .outerjoin(IMAGE, IMAGE.c.patient_number == NUMBERS.c.patient_number)
            .group_by(EXCLUSION.c.kind)
        )
        with refusing(), reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [KindCount(ExclusionKind(row.kind), row.numbers, row.patients, row.images) for row in rows]

    def patients_named(self, number_lookups: Collection[str]) -> frozenset[int]:
        """The internal numbers of the patients who have these numbers of the hospital. Raises: StoreFailed."""
        found: set[int] = set()
        with refusing(), reading(self._engine) as connection:
            for part in _parts(sorted(number_lookups)):
                named = select(NUMBERS.c.patient_number).where(NUMBERS.c.number_lookup.in_(part))
                found.update(connection.scalars(named))
        return frozenset(found)

    def excluded_patients(self) -> frozenset[int]:
        """The internal numbers of everybody who is excluded now. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            return frozenset(connection.scalars(EXCLUDED_NOW))

    def unnamed(self, limit: int) -> Mapping[str, bytes]:
        """Patients without a lookup of their number: their other lookup and sealed identity. Raises: StoreFailed."""
        query = select(PATIENT.c.patient_lookup, PATIENT.c.sealed_identity).where(PATIENT.c.number_lookup.is_(None))
        with refusing(), reading(self._engine) as connection:
            return {row.patient_lookup: row.sealed_identity for row in connection.execute(query.limit(limit))}

    def name(self, number_lookups: Mapping[str, str]) -> None:
        """These patients have the lookup of their number. Raises: StoreFull, StoreFailed."""
        row = update(PATIENT).where(PATIENT.c.patient_lookup == bindparam("of"))
        rows = [{"of": patient, "number": number} for patient, number in number_lookups.items()]
        with refusing(), writing(self._engine) as connection:
            connection.execute(row.values(number_lookup=bindparam("number")), rows)


def bury(connection: Connection, patient_lookups: Iterable[str], at: datetime) -> None:
    """Each of these patients has a tombstone."""
    wanted = set(patient_lookups)
    known = select(TOMBSTONE.c.patient_lookup).where(TOMBSTONE.c.patient_lookup.in_(wanted))
    rows = [{"patient_lookup": lookup, "recorded_at": at} for lookup in wanted - set(connection.scalars(known))]
    if rows:
        connection.execute(insert(TOMBSTONE), rows)


def tell_held(connection: Connection, received_ids: Sequence[str]) -> None:
    """Those of the excluded images that are under a legal hold say so."""
    own = and_(RECEIVED.c.received_id.in_(received_ids), RECEIVED.c.reason == IntakeReason.EXCLUDED.text_key)
    held = update(RECEIVED).where(own, RECEIVED.c.received_id.in_(HELD_BY_LAW))
    connection.execute(held.values(reason=IntakeReason.LEGAL_HOLD.text_key))


def _parts(everything: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Few enough at a time for one statement."""
    yield from (everything[start : start + _AT_ONCE] for start in range(0, len(everything), _AT_ONCE))


def _insert_missing(connection: Connection, entries: Sequence[ExclusionEntry]) -> None:
    wanted = [entry.entry_id for entry in entries]
    known = set(connection.scalars(select(EXCLUSION_ENTRY.c.entry_id).where(EXCLUSION_ENTRY.c.entry_id.in_(wanted))))
    rows = [_row(entry) for entry in entries if entry.entry_id not in known]
    if rows:
        connection.execute(insert(EXCLUSION_ENTRY), rows)


def _settle(connection: Connection, lookups: Sequence[str], now: datetime) -> Returned:
    """Who of these is excluded now follows from the entries; tombstones and images follow from that.

    A patient of several numbers is free when none of them is excluded any more.
    """
    rows = connection.execute(select(EXCLUSION_ENTRY).where(EXCLUSION_ENTRY.c.number_lookup.in_(lookups)))
    stand = standing(map(_entry, rows))
    connection.execute(delete(EXCLUSION).where(EXCLUSION.c.number_lookup.in_(lookups)))
    if stand:
        of = [{"number_lookup": lookup, "kind": kind.value, "since": one.at} for (lookup, kind), one in stand.items()]
        connection.execute(insert(EXCLUSION), of)
    named = set(connection.scalars(select(NUMBERS.c.patient_number).where(NUMBERS.c.number_lookup.in_(lookups))))
    kinds = select(NUMBERS.c.patient_number, EXCLUSION.c.kind).where(NUMBERS.c.patient_number.in_(named))
    kinds = kinds.join(EXCLUSION, EXCLUSION.c.number_lookup == NUMBERS.c.number_lookup)
    found = [(row.patient_number, row.kind) for row in connection.execute(kinds)]
    excluded = {patient for patient, _ in found}
    held = {patient for patient, kind in found if kind == ExclusionKind.LEGAL_HOLD.value}
    bury(connection, connection.scalars(_lookups_of(excluded)), now)
    connection.execute(delete(TOMBSTONE).where(TOMBSTONE.c.patient_lookup.in_(_lookups_of(named - excluded))))
    _say(connection, excluded - held, IntakeReason.EXCLUDED, now)
    _say(connection, held, IntakeReason.LEGAL_HOLD, now)
    return _give_back(connection, named - excluded, now)


def _lookups_of(patients: Iterable[int]) -> Select[tuple[str]]:
    return select(PATIENT.c.patient_lookup).where(PATIENT.c.patient_number.in_(list(patients)))


def _received(patients: Iterable[int]) -> Select[tuple[str]]:
    return select(IMAGE.c.received_id).where(IMAGE.c.patient_number.in_(list(patients)))


def _say(connection: Connection, patients: set[int], reason: IntakeReason, now: datetime) -> None:
    """What stands in quarantine of these patients stands there for this reason; a deleted image stays deleted."""
    others = and_(RECEIVED.c.reason != reason.text_key, RECEIVED.c.reason != IntakeReason.DELETED.text_key)
    own = and_(RECEIVED.c.state == ReceivedState.QUARANTINED.value, RECEIVED.c.received_id.in_(_received(patients)))
    connection.execute(update(RECEIVED).where(own, others).values(reason=reason.text_key, settled_at=now))


def _give_back(connection: Connection, patients: set[int], now: datetime) -> Returned:
    """Images of patients who are free now wait for cleaning where their bytes are kept, and say so where not."""
    own = and_(RECEIVED.c.received_id.in_(_received(patients)), RECEIVED.c.reason.in_(_OUT))
    found = connection.scalars(select(RECEIVED.c.received_id).where(own, RECEIVED.c.dropped_at.is_(None))).all()
    waiting = {"state": ReceivedState.WAITING.value, "reason": "", "settled_at": None}
    for received_id in found:
        connection.execute(update(RECEIVED).where(RECEIVED.c.received_id == received_id).values(**waiting))
        queue_cleaning(connection, received_id, now)
    lost = update(RECEIVED).where(own, RECEIVED.c.dropped_at.is_not(None))
    gone = connection.execute(lost.values(reason=IntakeReason.BYTES_GONE.text_key, settled_at=now)).rowcount
    return Returned(len(found), gone)


def _row(entry: ExclusionEntry) -> dict[str, object]:
    return {
        "entry_id": entry.entry_id,
        "number_lookup": entry.number_lookup,
        "kind": entry.kind.value,
        "lifted": "" if entry.lifted is None else entry.lifted.value,
        "at": entry.at,
        "actor_kind": entry.by.kind.value,
        "actor_id": entry.by.actor_id,
    }


def _entry(row: Any) -> ExclusionEntry:
    return ExclusionEntry(
        entry_id=row.entry_id,
        number_lookup=row.number_lookup,
        kind=ExclusionKind(row.kind),
        lifted=LiftReason(row.lifted) if row.lifted else None,
        at=row.at,
        by=Actor(ActorKind(row.actor_kind), row.actor_id),
    )
