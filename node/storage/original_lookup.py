"""The clean image of an original instance UID, found by keyed digest."""

from __future__ import annotations

from sqlalchemy import Engine, select

from node.intake.lookups import Lookups
from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.intake_tables import IMAGE


class OriginalLookup:
    """Answers with the clean image's identifier; the original UID is never stored in clear."""

    def __init__(self, engine: Engine, lookups: Lookups) -> None:
        self._engine = engine
        self._lookups = lookups

    def image_id(self, sop_instance_uid: str) -> str | None:
        """The clean image made of that instance; None when there is none. Raises: StoreFailed."""
        lookup = self._lookups.instance(sop_instance_uid)
        query = select(IMAGE.c.image_id).where(IMAGE.c.instance_lookup == lookup, IMAGE.c.cleaned_at.is_not(None))
        with refusing(), reading(self._engine) as connection:
            return connection.scalars(query.order_by(IMAGE.c.cleaned_at).limit(1)).first()
