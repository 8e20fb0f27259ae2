"""Which images people have begun to read: those whose case has a draft, a reading or a consensus."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, exists, or_, select

from node.storage.engine import reading as reading_of
from node.storage.ward_tables import assignment, case_image, consensus, draft, reading


@dataclass(frozen=True, slots=True)
class WardBegun:
    """Implements `ReadCases`."""

    engine: Engine

    def begun(self, image_ids: Sequence[str]) -> Collection[str]:
        """Those of the images whose case has a draft, a reading or a consensus."""
        drafted = exists(
            select(draft.c.assignment_id)
            .join(assignment, assignment.c.assignment_id == draft.c.assignment_id)
            .where(assignment.c.case_id == case_image.c.case_id)
        )
        read = exists().where(reading.c.case_id == case_image.c.case_id)
        agreed = exists().where(consensus.c.case_id == case_image.c.case_id)
        query = select(case_image.c.image_id).where(case_image.c.image_id.in_(image_ids), or_(drafted, read, agreed))
        with reading_of(self.engine) as connection:
            return frozenset(connection.scalars(query))
