"""What people get to see of projects, cases and readings, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from node.consensus.closed_case import ClosedCase
from node.consensus.vote import dissents
from node.edges.web.views import View
from node.labeling.assignment import AssignmentState
from node.labeling.project import ProjectState
from node.labeling.reading import Answer
from node.labeling.schema_shelf import schema_of
from node.labeling.worklist import CaseSheet, WorklistRow
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


class PatientView(View):
    """All a reader learns of the patient."""

    age_band: str
    sex: str


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


class DraftView(View):
    """The last saved draft; its version is also the ETag."""

    version: int
    saved_at: datetime | None
    content: dict[str, Any]


class DraftSavedView(View):
    """What the page shows as last saved."""

    version: int
    saved_at: datetime | None


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
    )


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
