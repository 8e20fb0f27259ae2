"""Whose images stand under a legal hold, asked by the images of a case."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.exclusion_rows import HELD_BY_LAW
from node.storage.intake_tables import IMAGE


@dataclass(frozen=True, slots=True)
class LegalHoldRows:
    """Implements `LegalHolds`."""

    engine: Engine

    def holds_case(self, image_ids: list[str]) -> bool:
        """True when one of the images is of a patient under a legal hold. Raises: StoreFailed."""
        held = select(IMAGE.c.image_id).where(IMAGE.c.received_id.in_(HELD_BY_LAW))
        with refusing(), reading(self.engine) as connection:
            return any(
                connection.scalar(held.where(IMAGE.c.image_id.in_(image_ids[start : start + 500])).limit(1)) is not None
                for start in range(0, len(image_ids), 500)
            )
