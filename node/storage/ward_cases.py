"""Cases made from clean images, in one transaction of the ward; and the port by which images come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, exists, func, insert, select

from node.ground.audit import AuditEvent
from node.ground.ids import new_id
from node.labeling.case import AdmittedImage
from node.storage.audit import record
from node.storage.engine import writing
from node.storage.ward_exclusions import HIDDEN, SEEN
from node.storage.ward_tables import audit, case, case_image, project_case


@dataclass(frozen=True, slots=True)
class WardAdmission:
    """Implements `CaseAdmission`: each image joins the case of its study and modality."""

    engine: Engine

    def admit(self, image: AdmittedImage, event: AuditEvent) -> str:
        """The identifier of the image's case. An image that comes after its case was put into a project opens a new
        case, so that nobody reads another set of images than the reader before.
        """
        with writing(self.engine) as connection:
            known = connection.scalar(select(case_image.c.case_id).where(case_image.c.image_id == image.image_id))
            if known is not None:
                return str(known)
            case_id = _open_case(connection, image)
            _add_image(connection, case_id, image)
            record(connection, audit, event)
            return case_id


@dataclass(frozen=True, slots=True)
class CaseRows:
    """The cases of one transaction."""

    connection: Connection

    def outside_project(self, project_id: str, modalities: Collection[str]) -> list[str]:
        """The cases of these modalities that the project does not have yet."""
        inside = exists().where(project_case.c.project_id == project_id, project_case.c.case_id == case.c.case_id)
        found = select(case.c.case_id).where(case.c.modality.in_(modalities), ~inside, SEEN)
        return list(self.connection.scalars(found.order_by(case.c.case_id)))

    def case_ids_of_images(self, image_ids: Sequence[str]) -> Mapping[str, str]:
        """The case of each image that has one, by image."""
        found: dict[str, str] = {}
        for start in range(0, len(image_ids), 500):
            part = select(case_image.c.image_id, case_image.c.case_id)
            part = part.where(case_image.c.image_id.in_(image_ids[start : start + 500]))
            rows = self.connection.execute(part.where(case_image.c.case_id.not_in(HIDDEN)))
            found.update((row.image_id, row.case_id) for row in rows)
        return found


def _open_case(connection: Connection, image: AdmittedImage) -> str:
    in_project = exists().where(project_case.c.case_id == case.c.case_id).label("in_project")
    same = (case.c.study_uid == image.study_uid, case.c.modality == image.modality)
    latest = connection.execute(
        select(case.c.case_id, case.c.part, in_project).where(*same).order_by(case.c.part.desc()).limit(1)
    ).one_or_none()
    if latest is not None and not latest.in_project:
        return str(latest.case_id)
    case_id = new_id()
    connection.execute(
        insert(case).values(
            case_id=case_id,
            patient_number=image.patient_number,
            study_uid=image.study_uid,
            modality=image.modality,
            part=1 if latest is None else latest.part + 1,
            sex=image.sex,
            age_band=image.age_band,
        )
    )
    return case_id


def _add_image(connection: Connection, case_id: str, image: AdmittedImage) -> None:
    before = connection.scalar(select(func.count()).where(case_image.c.case_id == case_id))
    connection.execute(
        insert(case_image).values(
            image_id=image.image_id,
            case_id=case_id,
            position=before,
            series_uid=image.series_uid,
            body_part=image.body_part,
            view=image.view,
            rows=image.rows,
            columns=image.columns,
            frames=image.frames,
        )
    )
