"""What people get to see of projects, cases and readings, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from node.consensus.closed_case import ClosedCase
from node.consensus.vote import dissents
from node.edges.web.views import View
from node.labeling.assignment import AssignmentState
from node.labeling.draft import ChangeKind
from node.labeling.permission import PermittedUse
from node.labeling.project import Project, ProjectState
from node.labeling.reading import Answer
from node.labeling.schema_shelf import schema_of
from node.labeling.worklist import CaseSheet, WorklistRow
from node.readers.rate import Rate
from protocols.labels import LabelSchema


class SchemasView(View):
    """Every label schema of this node."""

    schemas: list[LabelSchema]


class CasesAddedView(View):
    """How many cases were added."""

    added: int


class HoldoutView(View):
    """How many references found their case, and how many did not."""

    matched: int
    unmatched: int


class PermissionView(View):
    """What the readings of a project may be used for."""

    use: PermittedUse
    partners: list[str]


class ProjectView(View):
    """A project and its reading rules."""

    project_id: str
    title: str
    guideline: str
    schema_code: str
    schema_version: int
    reads_per_case: int
    department: str | None
    state: ProjectState
    labelers: bool
    payer: str
    permission: PermissionView
    guideline_version: int


class ProjectsView(View):
    """Projects: all for a lead, the own open ones for a reader."""

    projects: list[ProjectView]


class ProgressView(View):
    """How far a project is."""

    cases: int
    holdout: int
    readings: int
    closed: int
    waiting: int


class WorklistRowView(View):
    """One project in the reader's own worklist."""

    project_id: str
    title: str
    waiting: int
    submitted: int
    held_assignment_id: str | None


class WorklistView(View):
    """The reader's own worklist."""

    projects: list[WorklistRowView]


class ImageView(View):
    """One image of a case."""

    image_id: str
    rows: int
    columns: int
    frames: int
    modality: str
    view: str
    series: int


class PatientView(View):
    """All a reader learns of the patient."""

    age_band: str
    sex: str


class RateView(View):
    """What one reading is paid; the amount as text, so that it stays exact."""

    amount: str
    currency: str
    since: datetime


class SheetView(View):
    """A case with everything needed to read it."""

    assignment_id: str
    case_id: str
    project_id: str
    state: AssignmentState
    lease_until: datetime | None
    label_schema: LabelSchema = Field(alias="schema")
    guideline: str
    images: list[ImageView]
    patient: PatientView
    rate: RateView | None
    """What the reading is paid, as it was when the case was taken."""


class DraftView(View):
    """The last saved draft; its version is also the ETag."""

    version: int
    saved_at: datetime | None
    content: dict[str, Any]


class DraftSavedView(View):
    """What the page shows as last saved."""

    version: int
    saved_at: datetime | None


class ChangeSetView(View):
    """One step of the draft's journal."""

    version: int
    saved_at: datetime
    change_set_id: str
    kind: ChangeKind
    body: dict[str, Any]


class ChangesView(View):
    """The journal after the version asked for; one that does not begin with the next version is to be read whole."""

    changes: list[ChangeSetView]


class ReadingView(View):
    """The identifier of a submitted reading."""

    reading_id: str


class DissentView(View):
    """A reading that says otherwise; for the lead."""

    person_id: str
    answers: list[Answer]


class ConsensusView(View):
    """What the readings of a closed case say to one question."""

    question: str
    option: str | None
    posterior: float
    votes: int
    abstentions: int
    dissent: list[DissentView]


class ClosedCaseView(View):
    """One closed case."""

    case_id: str
    consensus: list[ConsensusView]


class ClosedCasesView(View):
    """Closed cases in order of case_id; `next_after` asks for the rest."""

    cases: list[ClosedCaseView]
    next_after: str | None


def project_view(project: Project) -> ProjectView:
    """The project as its lead and its readers see it."""
    permission = PermissionView(use=project.permission.use, partners=sorted(project.permission.partners))
    values = {name: getattr(project, name) for name in ProjectView.model_fields if name != "permission"}
    return ProjectView(**values, permission=permission)


def worklist_row_view(row: WorklistRow) -> WorklistRowView:
    """One line of the worklist."""
    return WorklistRowView(
        project_id=row.project.project_id,
        title=row.project.title,
        waiting=row.waiting,
        submitted=row.submitted,
        held_assignment_id=row.held_assignment_id,
    )


def sheet_view(sheet: CaseSheet) -> SheetView:
    """The case's sheet."""
    project, assignment = sheet.project, sheet.assignment
    return SheetView(
        assignment_id=assignment.assignment_id,
        case_id=assignment.case_id,
        project_id=project.project_id,
        state=assignment.state,
        lease_until=assignment.lease_until,
        label_schema=schema_of(project.schema_code, project.schema_version),
        guideline=project.guideline,
        images=[ImageView.model_validate(image) for image in sheet.images],
        patient=PatientView(age_band=sheet.age_band, sex=sheet.sex),
        rate=None if sheet.rate is None else rate_view(sheet.rate),
    )


def rate_view(rate: Rate) -> RateView:
    """A rate as people see it."""
    return RateView(amount=str(rate.amount), currency=rate.currency, since=rate.since)


def closed_case_view(case: ClosedCase) -> ClosedCaseView:
    """A closed case with who dissented, among the readings the viewer may see."""
    return ClosedCaseView(
        case_id=case.case_id,
        consensus=[
            ConsensusView(
                question=one.question,
                option=one.option,
                posterior=one.posterior,
                votes=one.votes,
                abstentions=one.abstentions,
                dissent=[
                    DissentView(person_id=reading.person_id, answers=list(reading.content.answers))
                    for reading in case.readings
                    if dissents(one, reading)
                ],
            )
            for one in case.consensus
        ],
    )
