"""The clean headers of images, for whoever holds a case of them; an opted-out patient's are not found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Engine, select

from node.storage.clean_index import visible
from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.header_tables import CLEAN_INSTANCE

_AT_A_TIME: Final = 200
_IMAGE = CLEAN_INSTANCE.c


class ImageHeaders:
    """Implements `HeaderSource`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def headers(self, image_ids: Sequence[str]) -> Mapping[str, bytes]:
        """The JSON Model object of each image that has one. Raises: StoreFailed."""
        found: dict[str, bytes] = {}
        with refusing(), reading(self._engine) as connection:
            for start in range(0, len(image_ids), _AT_A_TIME):
                some = _IMAGE.image_id.in_(image_ids[start : start + _AT_A_TIME])
                query = select(_IMAGE.image_id, _IMAGE.metadata).where(some, visible(_IMAGE.patient_number))
                found |= {row.image_id: bytes(row.metadata) for row in connection.execute(query)}
        return found
