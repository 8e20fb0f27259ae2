"""The ward's unit of work: everything a flow does to people, projects and readings in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, get_type_hints

from sqlalchemy import Connection, Engine

from node.storage.engine import reading, writing
from node.storage.ward_adjudications import AdjudicationRows
from node.storage.ward_assignments import AssignmentRows, DraftRows
from node.storage.ward_audit import AuditRows
from node.storage.ward_cases import CaseRows
from node.storage.ward_chain import ChainRows, DestructionRows, ReadingRows
from node.storage.ward_concerns import ConcernRows, IncidentCaseRows
from node.storage.ward_contests import ContestRows
from node.storage.ward_courses import CourseAnswerRows, CourseRows, TeachingCaseRows
from node.storage.ward_deals import DealRows
from node.storage.ward_exams import ExamRows
from node.storage.ward_extra_reads import AdaptiveRows, RepeatRows
from node.storage.ward_fused_shapes import FusedShapeRows
from node.storage.ward_fusion import FusionRows
from node.storage.ward_guidelines import GuidelineRows
from node.storage.ward_journal import JournalRows
from node.storage.ward_months import CounterEntryRows, MonthRows, PayCategoryRows, StatementRows
from node.storage.ward_orders import OrderRows
from node.storage.ward_outside import OutsideRows
from node.storage.ward_people import CredentialRows, PeopleRows
from node.storage.ward_projects import ProjectCaseRows, ProjectRows
from node.storage.ward_rates import RateRows
from node.storage.ward_readings import ConsensusRows
from node.storage.ward_reidentifications import ReidentificationRows
from node.storage.ward_requeues import RequeueRows
from node.storage.ward_sheets import SheetRows
from node.storage.ward_sign_ins import AttemptRows, CodeRows, SessionRows
from node.storage.ward_standing import ApplicationRows, CertificateRows, DepartmentRows
from node.storage.ward_tokens import TokenRows


@dataclass(frozen=True, slots=True)
class WardRows:
    """One transaction's view of the ward."""

    people: PeopleRows
    credentials: CredentialRows
    departments: DepartmentRows
    certificates: CertificateRows
    applications: ApplicationRows
    rates: RateRows
    pay_categories: PayCategoryRows
    months: MonthRows
    statements: StatementRows
    counter_entries: CounterEntryRows
    contests: ContestRows
    guidelines: GuidelineRows
    orders: OrderRows
    codes: CodeRows
    sessions: SessionRows
    tokens: TokenRows
    reidentifications: ReidentificationRows
    attempts: AttemptRows
    cases: CaseRows
    projects: ProjectRows
    project_cases: ProjectCaseRows
    deals: DealRows
    assignments: AssignmentRows
    drafts: DraftRows
    journal: JournalRows
    sheets: SheetRows
    chain: ChainRows
    readings: ReadingRows
    destructions: DestructionRows
    requeues: RequeueRows
    concerns: ConcernRows
    incidents: IncidentCaseRows
    consensus: ConsensusRows
    fusions: FusionRows
    adjudications: AdjudicationRows
    courses: CourseRows
    teaching_cases: TeachingCaseRows
    course_answers: CourseAnswerRows
    exams: ExamRows
    adaptive: AdaptiveRows
    repeats: RepeatRows
    outside: OutsideRows
    fused_shapes: FusedShapeRows
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


_KINDS: Final = get_type_hints(WardRows)


def _rows(connection: Connection) -> WardRows:
    """Every part over one connection, each of its field's type."""
    return WardRows(**{name: kind(connection) for name, kind in _KINDS.items()})
