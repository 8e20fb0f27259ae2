"""The ward's unit of work: everything a flow does to people, projects and readings in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from node.storage.engine import reading, writing
from node.storage.ward_assignments import AssignmentRows, DraftRows
from node.storage.ward_audit import AuditRows
from node.storage.ward_cases import CaseRows
from node.storage.ward_deals import DealRows
from node.storage.ward_people import CredentialRows, PeopleRows
from node.storage.ward_projects import ProjectCaseRows, ProjectRows
from node.storage.ward_readings import ChainRows, ConsensusRows, ReadingRows
from node.storage.ward_sheets import SheetRows
from node.storage.ward_sign_ins import AttemptRows, CodeRows, SessionRows


@dataclass(frozen=True, slots=True)
class WardRows:
    """One transaction's view of the ward."""

    people: PeopleRows
    credentials: CredentialRows
    codes: CodeRows
    sessions: SessionRows
    attempts: AttemptRows
    cases: CaseRows
    projects: ProjectRows
    project_cases: ProjectCaseRows
    deals: DealRows
    assignments: AssignmentRows
    drafts: DraftRows
    sheets: SheetRows
    chain: ChainRows
    readings: ReadingRows
    consensus: ConsensusRows
    audit: AuditRows


@dataclass(frozen=True, slots=True)
class WardStore:
    """The ward of one node; implements the `Ward` port of the flows."""

    engine: Engine = field(repr=False)

    @contextmanager
    def writing(self) -> Iterator[WardRows]:
        """One writing transaction: committed at the end, undone on any error."""
        with writing(self.engine) as connection:
            yield _rows(connection)

    @contextmanager
    def reading(self) -> Iterator[WardRows]:
        """One consistent view; writes nothing."""
        with reading(self.engine) as connection:
            yield _rows(connection)


def _rows(connection: Connection) -> WardRows:
    return WardRows(
        people=PeopleRows(connection),
        credentials=CredentialRows(connection),
        codes=CodeRows(connection),
        sessions=SessionRows(connection),
        attempts=AttemptRows(connection),
        cases=CaseRows(connection),
        projects=ProjectRows(connection),
        project_cases=ProjectCaseRows(connection),
        deals=DealRows(connection),
        assignments=AssignmentRows(connection),
        drafts=DraftRows(connection),
        sheets=SheetRows(connection),
        chain=ChainRows(connection),
        readings=ReadingRows(connection),
        consensus=ConsensusRows(connection),
        audit=AuditRows(connection),
    )
