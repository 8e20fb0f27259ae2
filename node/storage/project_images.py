"""The cases of a project and their images, for whoever takes them out under the project's names."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from node.storage.engine import reading
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_tables import case_image, project_case


@dataclass(frozen=True, slots=True)
class WardProjectImages:
    """Implements `ProjectImages`."""

    engine: Engine

    def case_ids(self, project_id: str) -> list[str]:
        """The cases of the project, by identifier."""
        query = select(project_case.c.case_id).where(project_case.c.project_id == project_id)
        with reading(self.engine) as connection:
            return list(connection.scalars(query.order_by(project_case.c.case_id)))

    def image_ids(self, case_id: str) -> list[str]:
        """The case's images in their order; none while its patient is excluded."""
        query = select(case_image.c.image_id).where(
            case_image.c.case_id == case_id, case_image.c.case_id.not_in(HIDDEN)
        )
        with reading(self.engine) as connection:
            return list(connection.scalars(query.order_by(case_image.c.position)))
