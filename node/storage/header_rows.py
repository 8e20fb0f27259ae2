"""Writes the headers of clean images into `intake.db`; the same header again replaces itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select, update

from node.deidentify.findings import CleanHeader
from node.flows.describe import Described, Undescribed
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.header_tables import CLEAN_INSTANCE, CLEAN_SERIES, CLEAN_STUDY
from node.storage.intake_tables import IMAGE


class HeaderRowsStore:
    """Implements `HeaderRows`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def undescribed(self, limit: int) -> Sequence[Undescribed]:
        """Clean images that wait for their header, the earliest first. Raises: StoreFailed."""
        query = (
            select(IMAGE.c.image_id, IMAGE.c.patient_number)
            .where(IMAGE.c.described_at.is_(None), IMAGE.c.cleaned_at.is_not(None))
            .order_by(IMAGE.c.cleaned_at, IMAGE.c.image_id)
            .limit(limit)
        )
        with refusing(), reading(self._engine) as connection:
            return [Undescribed(row.image_id, row.patient_number) for row in connection.execute(query)]

    def keep(self, batch: Sequence[Described], at: datetime) -> None:
        """The headers are durable together, and their images wait no more. Raises: StoreFull, StoreFailed."""
        if not batch:
            return
        images = [one.image.image_id for one in batch]
        with refusing(), writing(self._engine) as connection:
            connection.execute(delete(CLEAN_INSTANCE).where(CLEAN_INSTANCE.c.image_id.in_(images)))
            for one in batch:
                if one.header is not None:
                    _keep(connection, one.image, one.header)
            connection.execute(update(IMAGE).where(IMAGE.c.image_id.in_(images)).values(described_at=at))


def _keep(connection: Connection, image: Undescribed, header: CleanHeader) -> None:
    study = {"study_uid": header.study_uid, "patient_number": image.patient_number}
    _keep_study(connection, study, header)
    _keep_series(connection, {**study, "series_uid": header.series_uid}, header)
    connection.execute(
        insert(CLEAN_INSTANCE).values(
            **study,
            image_id=image.image_id,
            series_uid=header.series_uid,
            instance_uid=header.instance_uid,
            instance_number=header.instance_number,
            sop_class_uid=header.sop_class_uid,
            transfer_syntax_uid=header.transfer_syntax_uid,
            frames=header.frames,
            frame_bytes=header.frame_bytes,
            places=json.dumps({"spans": dict(header.spans), "fragments": header.fragments}, separators=(",", ":")),
            attributes=header.instance,
            metadata=header.metadata,
        )
    )


def _keep_study(connection: Connection, key: dict[str, object], header: CleanHeader) -> None:
    """The first image of a study speaks for it."""
    table = CLEAN_STUDY.c
    same = (table.study_uid == key["study_uid"], table.patient_number == key["patient_number"])
    if connection.execute(select(table.number).where(*same)).first() is None:
        values = {"patient_id": header.patient_id, "study_date": header.study_date, "attributes": header.study}
        connection.execute(insert(CLEAN_STUDY).values(**key, **values))


def _keep_series(connection: Connection, key: dict[str, object], header: CleanHeader) -> None:
    """The first image of a series speaks for it."""
    table = CLEAN_SERIES.c
    same = (
        table.study_uid == key["study_uid"],
        table.series_uid == key["series_uid"],
        table.patient_number == key["patient_number"],
    )
    if connection.execute(select(table.number).where(*same)).first() is None:
        values = {"modality": header.modality, "series_number": header.series_number, "attributes": header.series}
        connection.execute(insert(CLEAN_SERIES).values(**key, **values))
