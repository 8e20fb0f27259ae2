"""Readings, amended ones, their chain, and the end of their bodies, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from heapq import merge
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, insert, or_, select, update

from node.ground.audit import AuditEvent
from node.labeling.chain import ChainEntry, ChainHead, DestroyReason, Destruction
from node.labeling.reading import Amendment, AmendReason, Basis, Reading, ReadingContent, counting
from node.storage.audit import record
from node.storage.ward_adjudication_tables import ADJUDICATORS
from node.storage.ward_extra_read_tables import repeat_case
from node.storage.ward_fusion_tables import fused_case
from node.storage.ward_reading_tables import amended_reading, destroyed_reading, reading_basis, set_aside_reading
from node.storage.ward_tables import assignment, audit, chain_head, draft, draft_change, reading

# Built once: every reading runs them.
_HEAD = select(chain_head).with_for_update()
_APPEND, _APPEND_AMENDED, _APPEND_BASIS = insert(reading), insert(amended_reading), insert(reading_basis)
_DESTROYED = ""
"""What stands where a body stood."""


@dataclass(frozen=True, slots=True)
class ChainRows:
    """The chain of readings, in one transaction. There is no way here to change or remove one."""

    connection: Connection

    def head(self) -> ChainHead:
        """The last entry of the chain, held until the transaction ends."""
        row = self.connection.execute(_HEAD).one()
        return ChainHead(row.number, row.entry_hash)

    def append(self, submitted: Reading, entry: ChainEntry, event: AuditEvent) -> None:
        """The reading is stored and is the head of the chain."""
        words: dict[str, object] = {
            "reading_id": submitted.reading_id,
            "assignment_id": submitted.assignment_id,
            "project_id": submitted.project_id,
            "case_id": submitted.case_id,
            "person_id": submitted.person_id,
            "submitted_at": submitted.submitted_at,
            "content": submitted.content.canonical(),
            "idempotency_key": submitted.idempotency_key,
            "salt": entry.salt,
            "chain_number": entry.number,
            "digest": entry.digest,
            "entry_hash": entry.entry_hash,
        }
        if submitted.amendment is None:
            self.connection.execute(_APPEND, words)
        else:
            self.connection.execute(_APPEND_AMENDED, words | asdict(submitted.amendment))
        if submitted.basis is not None:
            self.connection.execute(_APPEND_BASIS, {"reading_id": submitted.reading_id, **asdict(submitted.basis)})
        self.connection.execute(update(chain_head).values(number=entry.number, entry_hash=entry.entry_hash))
        record(self.connection, audit, event)

    def chain(self) -> Iterator[ChainEntry]:
        """Every entry from the first on, with salt and reading, or with how they ended."""
        streams = [map(_entry_of, self.connection.execute(_whole(table))) for table in (reading, amended_reading)]
        yield from merge(*streams, key=lambda entry: entry.number)


@dataclass(frozen=True, slots=True)
class ReadingRows:
    """The readings of one transaction; those whose body was destroyed are not among them."""

    connection: Connection

    def of_assignment(self, assignment_id: str) -> Reading | None:
        """The reading first submitted under the assignment, or none."""
        return next(self._where(reading, reading.c.assignment_id == assignment_id), None)

    def versions(self, assignment_id: str) -> list[Reading]:
        """The reading submitted under the assignment and its amended ones, in the order they came."""
        first = self.of_assignment(assignment_id)
        if first is None:
            return []
        return [first, *self._where(amended_reading, amended_reading.c.assignment_id == assignment_id)]

    def of_case(self, project_id: str, case_id: str) -> list[Reading]:
        """Of each reader the reading of the case that counts, in the order their first came."""
        return self.of_cases(project_id, [case_id])

    def of_cases(self, project_id: str, case_ids: Sequence[str]) -> list[Reading]:
        """The readings of these cases that count."""
        return counting(readings_of_cases(self.connection, project_id, case_ids))

    def last_number(self) -> int:
        """The number of the chain's last entry, which nobody is held from passing."""
        return self.connection.scalar(select(chain_head.c.number)) or 0

    def since(self, project_id: str, number: int) -> list[Reading]:
        """The readings that count, and came after this number of the chain."""
        found: list[Reading] = []
        for table in (reading, amended_reading):
            standing = table.c.reading_id.not_in(select(set_aside_reading.c.reading_id))
            newer = (table.c.project_id == project_id, table.c.chain_number > number, standing)
            found += _readings(self.connection, table, *newer, table.c.assignment_id.not_in(ADJUDICATORS))
        return counting(found)

    def _where(self, table: Table, condition: ColumnElement[bool]) -> Iterator[Reading]:
        return _readings(self.connection, table, condition)


@dataclass(frozen=True, slots=True)
class DestructionRows:
    """The only way in which a body goes; its digest stays in the chain."""

    connection: Connection

    def bodies_of(self, case_id: str) -> list[str]:
        """The readings of a case that still have a body, amended ones and those of its repeats too."""
        again = select(repeat_case.c.case_id).where(repeat_case.c.of_case_id == case_id)
        return [
            reading_id
            for table in (reading, amended_reading)
            for reading_id in self.connection.scalars(
                select(table.c.reading_id)
                .where(or_(table.c.case_id == case_id, table.c.case_id.in_(again)), table.c.content != _DESTROYED)
                .order_by(table.c.chain_number)
                .with_for_update()
            )
        ]

    def destroy(self, reading_ids: Sequence[str], told: Destruction, events: Sequence[AuditEvent]) -> None:
        """Bodies, salts, drafts of the same assignments and the cases' fused shapes are gone; when, by whom and why is
        kept. Who drew what stands in fused shapes, and of one reader they are the drawing.
        """
        note = {"destroyed_at": told.at, "destroyed_by": told.by, "reason": told.reason.value}
        self.connection.execute(
            insert(destroyed_reading), [note | {"reading_id": reading_id} for reading_id in reading_ids]
        )
        for table in (reading, amended_reading):
            these = table.c.reading_id.in_(reading_ids)
            cases = select(table.c.case_id).where(these)
            assignments = select(assignment.c.assignment_id).where(assignment.c.case_id.in_(cases))
            for kept in (draft, draft_change):
                self.connection.execute(delete(kept).where(kept.c.assignment_id.in_(assignments)))
            self.connection.execute(delete(fused_case).where(fused_case.c.case_id.in_(cases)))
            self.connection.execute(update(table).where(these).values(content=_DESTROYED, salt=b""))
        record(self.connection, audit, *events)


def readings_of_cases(connection: Connection, project_id: str, case_ids: Sequence[str]) -> Iterator[Reading]:
    """Every reader's reading of these cases that was not set aside, the first ones before the amended."""
    for table in (reading, amended_reading):
        standing = table.c.reading_id.not_in(select(set_aside_reading.c.reading_id))
        in_cases = (table.c.project_id == project_id, table.c.case_id.in_(case_ids))
        yield from _readings(connection, table, *in_cases, standing, table.c.assignment_id.not_in(ADJUDICATORS))


def _readings(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> Iterator[Reading]:
    query = _whole(table).where(*conditions, table.c.content != _DESTROYED)
    return map(_reading_of, connection.execute(query))


def _whole(table: Table) -> Select[Any]:
    """A reading with its basis and, where its body is gone, the note about that."""
    ended = (destroyed_reading.c.destroyed_at, destroyed_reading.c.destroyed_by)
    based = [column for column in reading_basis.c if column.name != "reading_id"]
    return (
        select(table, *based, *ended, destroyed_reading.c.reason.label("destroyed_for"))
        .outerjoin(reading_basis, reading_basis.c.reading_id == table.c.reading_id)
        .outerjoin(destroyed_reading, destroyed_reading.c.reading_id == table.c.reading_id)
        .order_by(table.c.chain_number)
    )


def _entry_of(row: Row[Any]) -> ChainEntry:
    links = (row.chain_number, row.digest, row.entry_hash)
    if row.content == _DESTROYED:
        told = row.destroyed_at and Destruction(row.destroyed_at, row.destroyed_by, DestroyReason(row.destroyed_for))
        return ChainEntry(*links, destroyed=told)
    return ChainEntry(*links, row.salt, _reading_of(row))


def _reading_of(row: Row[Any]) -> Reading:
    return Reading(
        reading_id=row.reading_id,
        assignment_id=row.assignment_id,
        project_id=row.project_id,
        case_id=row.case_id,
        person_id=row.person_id,
        submitted_at=row.submitted_at,
        content=ReadingContent.model_validate_json(row.content),
        idempotency_key=row.idempotency_key,
        basis=_basis_of(row),
        amendment=_amendment_of(row),
    )


def _basis_of(row: Row[Any]) -> Basis | None:
    if row.schema_code is None:
        return None
    return Basis(
        schema_code=row.schema_code,
        schema_version=row.schema_version,
        guideline_version=row.guideline_version,
        guideline_sha256=row.guideline_sha256,
        suggestion_shown=row.suggestion_shown,
    )


def _amendment_of(row: Row[Any]) -> Amendment | None:
    reason = getattr(row, "reason", None)
    return None if reason is None else Amendment(row.amends, AmendReason(reason), row.counts)
