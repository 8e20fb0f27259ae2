"""What a reader is shown of a case, and which image belongs to whom, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from node.labeling.assignment import UNSEEN, Assignment, AssignmentState
from node.labeling.errors import AssignmentUnknown
from node.labeling.worklist import CaseImage, CaseSheet, WorklistRow
from node.storage.ward_adjudication_tables import ADJUDICATORS
from node.storage.ward_assignments import assignment_of
from node.storage.ward_exclusions import HIDDEN, SEEN
from node.storage.ward_extra_read_tables import repeat_image
from node.storage.ward_projects import GIVING, project_of
from node.storage.ward_tables import assignment, case, case_image, project, project_case

# Built once: every case a reader takes, and every frame, runs them.
_SHEET = (
    select(project, case.c.sex, case.c.age_band, case.c.modality)
    .join_from(project, case, case.c.case_id == bindparam("of_case"))
    .where(project.c.project_id == bindparam("of_project"))
)
_MODALITY = select(case.c.modality).where(case.c.case_id == bindparam("of_case"))
_IMAGES = select(case_image).where(case_image.c.case_id == bindparam("of_case")).order_by(case_image.c.position)
_IMAGE_FRAMES = (
    select(
        assignment,
        case_image.c.frames,
        func.coalesce(repeat_image.c.of_image_id, case_image.c.image_id).label("stored"),
    )
    .join_from(assignment, case_image, case_image.c.case_id == assignment.c.case_id)
    .outerjoin(repeat_image, repeat_image.c.image_id == case_image.c.image_id)
    .where(assignment.c.assignment_id == bindparam("of_assignment"), case_image.c.image_id == bindparam("of_image"))
    .where(assignment.c.case_id.not_in(HIDDEN))
)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The sheets of one transaction."""

    connection: Connection

    def of(self, given: Assignment) -> CaseSheet:
        """The case's sheet: project, patient's age band and sex, and images in their order; two queries."""
        row = self.connection.execute(_SHEET, {"of_case": given.case_id, "of_project": given.project_id}).one_or_none()
        if row is None:
            raise AssignmentUnknown("no such assignment")
        return CaseSheet(
            assignment=given,
            project=project_of(row),
            sex=row.sex,
            age_band=row.age_band,
            images=self._images(given.case_id, row.modality),
        )

    def images_of(self, case_id: str) -> tuple[CaseImage, ...]:
        """The images of a case in their order."""
        return self._images(case_id, self.connection.scalar(_MODALITY, {"of_case": case_id}) or "")

    def _images(self, case_id: str, modality: str) -> tuple[CaseImage, ...]:
        series: dict[str, int] = {}
        return tuple(
            CaseImage(
                image_id=image.image_id,
                rows=image.rows,
                columns=image.columns,
                frames=image.frames,
                modality=modality,
                view=image.view,
                series=series.setdefault(image.series_uid, len(series) + 1),
            )
            for image in self.connection.execute(_IMAGES, {"of_case": case_id})
        )

    def of_same_patient(self, project_id: str, case_id: str) -> dict[str, str]:
        """The project's cases of this case's patient and modality, itself among them, each with its first image.

        None that is held out, hidden or a repeat.
        """
        own = select(case.c.patient_number, case.c.modality).where(case.c.case_id == case_id).subquery()
        found = (
            select(case.c.case_id, case_image.c.image_id)
            .join_from(case, own, case.c.patient_number == own.c.patient_number)
            .join(project_case, and_(project_case.c.case_id == case.c.case_id, ~project_case.c.holdout))
            .join(case_image, and_(case_image.c.case_id == case.c.case_id, case_image.c.position == 0))
            .where(project_case.c.project_id == project_id, case.c.modality == own.c.modality, SEEN)
            .order_by(case.c.case_id)
        )
        return {row.case_id: row.image_id for row in self.connection.execute(found)}

    def image_frames(self, assignment_id: str, image_id: str) -> tuple[Assignment, int, str] | None:
        """The assignment, the image's number of frames and which stored image it is, when it is the case's."""
        row = self.connection.execute(
            _IMAGE_FRAMES, {"of_assignment": assignment_id, "of_image": image_id}
        ).one_or_none()
        return None if row is None else (assignment_of(row), row.frames, row.stored)

    def worklist(self, person_id: str) -> Iterator[WorklistRow]:
        """One row per open project that dealt the reader a place."""
        own = assignment.c.person_id == person_id
        waiting = or_(*(assignment.c.state == state.value for state in sorted({*UNSEEN, AssignmentState.HELD})))
        counted = (
            select(
                project,
                func.count().filter(waiting).label("waiting"),
                func.count().filter(assignment.c.state == AssignmentState.SUBMITTED.value).label("submitted"),
                func.min(assignment.c.assignment_id)
                .filter(assignment.c.state == AssignmentState.HELD.value)
                .label("held"),
            )
            .join_from(project, assignment, and_(assignment.c.project_id == project.c.project_id, own))
            .where(GIVING, assignment.c.case_id.not_in(HIDDEN), assignment.c.assignment_id.not_in(ADJUDICATORS))
            .group_by(project.c.project_id)
            .order_by(project.c.made_at, project.c.project_id)
        )
        for row in self.connection.execute(counted):
            yield WorklistRow(project_of(row), row.waiting, row.submitted, row.held)
