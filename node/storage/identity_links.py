"""The sealed way from a clean image to what the hospital calls its patient and study; nothing is opened here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from node.flows.reidentify import SealedLink
from node.storage.clean_index import visible
from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.intake_tables import IMAGE, PATIENT


@dataclass(frozen=True, slots=True)
class IdentityLinkStore:
    """Implements `IdentityLinks`."""

    engine: Engine

    def of(self, image_id: str) -> SealedLink | None:
        """The sealed link of a clean image, whether its received bytes are kept or not. Raises: StoreFailed."""
        columns = (
            IMAGE.c.received_id,
            PATIENT.c.patient_lookup,
            IMAGE.c.sealed_identity.label("sealed_image"),
            PATIENT.c.sealed_identity.label("sealed_patient"),
        )
        query = select(*columns).join_from(IMAGE, PATIENT, PATIENT.c.patient_number == IMAGE.c.patient_number)
        query = query.where(IMAGE.c.image_id == image_id, visible(IMAGE.c.patient_number))
        with refusing(), reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return SealedLink(row.received_id, row.patient_lookup, bytes(row.sealed_image), bytes(row.sealed_patient))
