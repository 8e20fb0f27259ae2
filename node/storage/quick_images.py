"""Clean images as far as they can be had without waiting: rows of an instance or a series, and bytes in memory.

The system's own cache of file pages is asked, and nothing is kept here: what was deleted or replaced is so at once.
Source: Linux preadv2(2), RWF_NOWAIT.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, bindparam, func, select

from node.flows.image_search import HeldImage, Place
from node.ground.at_once import NotAtOnce
from node.storage.clean_index import held_image, visible
from node.storage.clean_store import CleanImages
from node.storage.header_tables import CLEAN_INSTANCE
from node.storage.quick_read import QuickRead

_MOST_BYTES = 8 * 2**20
"""What is longer takes milliseconds to copy, in which nobody else would be heard."""
_IMAGE = CLEAN_INSTANCE.c
# By the instance's own index; one UID has one image, but for files that were described while a patient was merged.
_ONE = (
    select(
        _IMAGE.study_uid, _IMAGE.series_uid, _IMAGE.image_id, _IMAGE.instance_uid, _IMAGE.transfer_syntax_uid,
        _IMAGE.frames, _IMAGE.frame_bytes, _IMAGE.places,
    )
    .where(_IMAGE.instance_uid == bindparam("uid"), visible(_IMAGE.patient_number))
    .order_by(_IMAGE.instance_number, _IMAGE.number)
    .limit(1)
)  # fmt: skip
_MOST_LISTED: Final = 1000
"""A longer series takes milliseconds to read."""
_IN_A_SERIES = (
    _IMAGE.study_uid == bindparam("study"),
    _IMAGE.series_uid == bindparam("series"),
    visible(_IMAGE.patient_number),
)
_IN_ORDER = (_IMAGE.study_uid, _IMAGE.series_uid, _IMAGE.instance_number, _IMAGE.number)
_OF_A_SERIES = select(_IMAGE.attributes).where(*_IN_A_SERIES).order_by(*_IN_ORDER).limit(_MOST_LISTED + 1)
# The lengths stand in the rows' heads: SQLite reads no blob for them.
_SIZE: tuple[ColumnElement[Any], ...] = (func.count(), func.sum(func.length(_IMAGE.metadata)))
_SIZE_OF_A_SERIES = select(*_SIZE).where(*_IN_A_SERIES)
_METADATA_OF_A_SERIES = select(_IMAGE.metadata).where(*_IN_A_SERIES).order_by(*_IN_ORDER)


class QuickImages:
    """Implements `ImagesAtOnce`."""

    def __init__(self, engine: Engine, images: CleanImages) -> None:
        self._one = QuickRead(engine, _ONE)
        self._of_a_series = QuickRead(engine, _OF_A_SERIES)
        self._size_of_a_series = QuickRead(engine, _SIZE_OF_A_SERIES)
        self._metadata_of_a_series = QuickRead(engine, _METADATA_OF_A_SERIES)
        self._images = images

    def listed(self, place: Place) -> Sequence[str]:
        """What searches tell of a series' instances. Raises: NotAtOnce, also where there are none or too many."""
        found = self._of_a_series.column(study=place.study_uid, series=place.series_uid)
        if not 0 < len(found) <= _MOST_LISTED:
            raise NotAtOnce
        return found

    def described(self, place: Place) -> Sequence[bytes]:
        """The metadata of a series' instances. Raises: NotAtOnce, also where there is none or too much."""
        size = self._size_of_a_series.first(study=place.study_uid, series=place.series_uid)
        if size is None or not 0 < size[0] <= _MOST_LISTED or size[1] > _MOST_BYTES:
            raise NotAtOnce
        found = self._metadata_of_a_series.column(study=place.study_uid, series=place.series_uid)
        if not found:
            raise NotAtOnce
        return found

    def held(self, place: Place) -> HeldImage:
        """The clean image of a place down to its instance. Raises: NotAtOnce, also where there is none."""
        row = self._one.first(uid=place.instance_uid)
        if row is None or (row.study_uid, row.series_uid) != (place.study_uid, place.series_uid):
            raise NotAtOnce
        return held_image(row)

    def cut(self, image_id: str, spans: Sequence[tuple[int, int]], before: bytes, after: bytes) -> bytearray:
        """Spans of a clean file in a row, between two pieces of text. Raises: NotAtOnce, CleanMissing."""
        length = sum(length for _, length in spans)
        if length > _MOST_BYTES:
            raise NotAtOnce
        body = bytearray(len(before) + length + len(after))
        body[: len(before)] = before
        body[len(before) + length :] = after
        descriptor = self._images.open(image_id)
        try:
            with memoryview(body) as view:
                at = len(before)
                for start, count in spans:
                    _read(descriptor, view[at : at + count], start)
                    at += count
        finally:
            os.close(descriptor)
        return body

    def close(self) -> None:
        """Its connections are closed."""
        for one in (self._one, self._of_a_series, self._size_of_a_series, self._metadata_of_a_series):
            one.close()


def _read(descriptor: int, into: memoryview, start: int) -> None:
    try:
        whole = os.preadv(descriptor, [into], start, os.RWF_NOWAIT) == len(into)
    except OSError:  # not in memory, or a file system that cannot say so
        whole = False
    finally:
        into.release()
    if not whole:
        raise NotAtOnce
