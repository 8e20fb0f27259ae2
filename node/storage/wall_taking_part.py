"""Who had a part in which round, in `wall.db`: noted before the round trains or measures, and never taken back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Select, insert, select

from node.ground.audit import AuditEvent
from node.release.asked import Asked, Exchange
from node.release.taking_part import UPDATES, Role, RoundPart
from node.storage.audit import record
from node.storage.engine import reading, writing
from node.storage.wall_part_tables import patient_group, patient_group_member, round_patients
from node.storage.wall_tables import audit, ledger_head, outbox, reservation

_AT_ONCE = 500


class WallTakingPart:
    """Implements `PartBook` and `PartsSeen`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, asked: Asked, patients: Mapping[Role, frozenset[int]], event: AuditEvent) -> None:
        """The round has to do with these patients, durably, beside those it was noted with before."""
        with writing(self._engine) as connection:
            connection.execute(select(ledger_head).with_for_update()).all()  # two rounds never number a group at once
            noted = [_note(connection, asked, role, numbers, event) for role, numbers in patients.items() if numbers]
            if any(noted):
                record(connection, audit, event)

    def parts_of(self, patients: Collection[int]) -> list[RoundPart]:
        """What any of these patients had a part in."""
        with reading(self._engine) as connection:
            groups = {group for some in _few(patients) for group in connection.scalars(_groups_of(some))}
            found = [row for some in _few(groups) for row in connection.execute(_rounds_of(some))]
        return [RoundPart(row.plan_id, row.run_id, row.round, Exchange(row.exchange), Role(row.role)) for row in found]

    def recorded(self) -> dict[str, frozenset[int]]:
        """The rounds of every run of which it is recorded who was learnt from."""
        learnt = round_patients.c.role == Role.LEARNT.value
        found = select(round_patients.c.run_id, round_patients.c.round).where(learnt).distinct()
        return self._rounds(found)

    def left(self) -> dict[str, frozenset[int]]:
        """The rounds of every run whose update left."""
        found = select(outbox.c.run_id, outbox.c.round).where(outbox.c.message_kind.in_(UPDATES))
        return self._rounds(found.where(outbox.c.run_id.is_not(None)).distinct())

    def released_rounds(self) -> dict[str, int]:
        """Of every run whose final model was measured here, the round it is of."""
        final = reservation.c.exchange == Exchange.FINAL.value
        with reading(self._engine) as connection:
            rows = connection.execute(select(reservation.c.run_id, reservation.c.round).where(final))
            return {row.run_id: row.round for row in rows}

    def plans(self) -> dict[str, str]:
        """The plan of every run with a record or an update that left."""
        with reading(self._engine) as connection:
            known = {row.run_id: row.plan_id for row in connection.execute(_plans_left())}
            noted = select(round_patients.c.run_id, round_patients.c.plan_id).distinct()
            return known | {row.run_id: row.plan_id for row in connection.execute(noted)}

    def _rounds(self, found: Select[tuple[Any, ...]]) -> dict[str, frozenset[int]]:
        rounds: defaultdict[str, set[int]] = defaultdict(set)
        with reading(self._engine) as connection:
            for row in connection.execute(found):
                rounds[row.run_id].add(row.round)
        return {run_id: frozenset(numbers) for run_id, numbers in rounds.items()}


def _note(connection: Connection, asked: Asked, role: Role, patients: frozenset[int], event: AuditEvent) -> bool:
    """Whether this was not noted before."""
    row = {
        "run_id": asked.run_id,
        "round": asked.round,
        "exchange": asked.exchange.value,
        "role": role.value,
        "group_number": _group(connection, patients),
    }
    same = [round_patients.c[name] == value for name, value in row.items()]
    if connection.scalar(select(round_patients.c.run_id).where(*same)) is not None:
        return False
    connection.execute(insert(round_patients).values(**row, plan_id=asked.plan_id, noted_at=event.at))
    return True


def _group(connection: Connection, patients: frozenset[int]) -> int:
    """The number of the group of exactly these patients."""
    listed = sorted(patients)
    digest = hashlib.sha256(",".join(map(str, listed)).encode("ascii")).hexdigest()
    same = patient_group.c.group_sha256 == digest
    known: int | None = connection.scalar(select(patient_group.c.group_number).where(same))
    if known is not None:
        return known
    made = connection.execute(insert(patient_group).values(group_sha256=digest)).inserted_primary_key
    if made is None:
        raise AssertionError("a database numbers the row it took")
    number = int(made[0])
    rows = [{"patient_number": patient, "group_number": number} for patient in listed]
    connection.execute(insert(patient_group_member), rows)
    return number


def _groups_of(patients: Collection[int]) -> Select[tuple[Any, ...]]:
    member = patient_group_member.c
    return select(member.group_number).where(member.patient_number.in_(patients)).distinct()


def _rounds_of(groups: Collection[int]) -> Select[tuple[Any, ...]]:
    at = round_patients.c
    named = select(at.plan_id, at.run_id, at.round, at.exchange, at.role).where(at.group_number.in_(groups))
    return named.distinct().order_by(at.run_id, at.round, at.exchange, at.role)


def _plans_left() -> Select[tuple[Any, ...]]:
    left = outbox.c.message_kind.in_(UPDATES), outbox.c.run_id.is_not(None)
    return select(outbox.c.run_id, outbox.c.plan_id).where(*left).distinct()


def _few(numbers: Collection[int]) -> Iterator[list[int]]:
    """Few enough at a time for one statement."""
    listed = sorted(numbers)
    yield from (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))
