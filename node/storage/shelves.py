"""The two stores held against `intake.db`, object by object; implements `Shelf` for each.

Received bytes are opened and their keyed digest is recomputed: the index is their content address. Of a clean image the
index knows the name only, so its file is looked for and its beginning read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Engine, select

from node.intake.damage import Damage, Shelved
from node.intake.errors import CleanMissing
from node.intake.lookups import Lookups
from node.intake.part10 import FileBroken, is_dicom, opened
from node.storage.clean_store import CleanImages
from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.intake_tables import IMAGE, RECEIVED
from node.storage.received_blobs import ReceivedBlobs, names_in_place

_DICOM_HEAD_BYTES = 132


class ReceivedShelf:
    """Received bytes and their rows."""

    store = "received"

    def __init__(self, engine: Engine, directory: Path, blobs: ReceivedBlobs, lookups: Lookups) -> None:
        self._engine = engine
        self._directory = directory
        self._blobs = blobs
        self._lookups = lookups

    def after(self, name: str, limit: int) -> Sequence[Shelved]:
        """The next rows whose bytes were not dropped. Raises: StoreFailed."""
        columns = (RECEIVED.c.received_id, RECEIVED.c.instance_lookup, RECEIVED.c.content_digest)
        query = select(*columns).where(RECEIVED.c.received_id > name, RECEIVED.c.dropped_at.is_(None))
        with refusing(), reading(self._engine) as connection:
            rows = connection.execute(query.order_by(RECEIVED.c.received_id).limit(limit)).all()
        return [Shelved(row.received_id, row.instance_lookup, row.content_digest) for row in rows]

    def examine(self, shelved: Shelved, *, whole: bool = True) -> Damage | None:
        """What is wrong; bytes that were dropped between two looks are not missing. Raises: StoreFailed."""
        if whole:
            found = self._blobs.look(shelved.name)
            damage = found if isinstance(found, Damage) else self._digest_damage(shelved, found)
        else:
            damage = None if self._blobs.stands(shelved.name) else Damage.MISSING
        return None if damage is Damage.MISSING and self._dropped(shelved.name) else damage

    def unknown(self, names: Sequence[str]) -> Sequence[str]:
        """Names without a row, and with a row that says their bytes are gone. Raises: StoreFailed."""
        query = select(RECEIVED.c.received_id).where(RECEIVED.c.received_id.in_(names), RECEIVED.c.dropped_at.is_(None))
        with refusing(), reading(self._engine) as connection:
            known = frozenset(connection.scalars(query))
        return [name for name in names if name not in known and (self._blobs.stands(name) or "/" in name)]

    def names(self) -> Iterator[str]:
        """The name of every file in its place."""
        return names_in_place(self._directory)

    def _digest_damage(self, shelved: Shelved, contents: bytes) -> Damage | None:
        if shelved.instance_lookup == shelved.content_digest:  # a file that could not be opened when it came
            whole = self._lookups.file(contents) == shelved.content_digest
        else:
            try:
                whole = self._lookups.is_content(shelved.content_digest, opened(contents))
            except FileBroken:
                whole = False
        return None if whole else Damage.CHANGED

    def _dropped(self, name: str) -> bool:
        query = select(RECEIVED.c.received_id).where(RECEIVED.c.received_id == name, RECEIVED.c.dropped_at.is_(None))
        with refusing(), reading(self._engine) as connection:
            return connection.scalars(query).first() is None


class CleanShelf:
    """Clean images and their rows."""

    store = "clean"

    def __init__(self, engine: Engine, directory: Path) -> None:
        self._engine = engine
        self._directory = directory
        self._images = CleanImages(directory)

    def after(self, name: str, limit: int) -> Sequence[Shelved]:
        """The next images that are clean. Raises: StoreFailed."""
        query = select(IMAGE.c.image_id).where(IMAGE.c.image_id > name, IMAGE.c.cleaned_at.is_not(None))
        with refusing(), reading(self._engine) as connection:
            found = connection.scalars(query.order_by(IMAGE.c.image_id).limit(limit)).all()
        return [Shelved(image_id, "", "") for image_id in found]

    def examine(self, shelved: Shelved, *, whole: bool = True) -> Damage | None:
        """What is wrong with a clean image's file."""
        try:
            contents = self._images.read(shelved.name)
        except CleanMissing:
            return Damage.MISSING
        except OSError:
            return Damage.UNREADABLE
        return Damage.CHANGED if whole and not is_dicom(contents[:_DICOM_HEAD_BYTES]) else None

    def unknown(self, names: Sequence[str]) -> Sequence[str]:
        """Names that no image has. Raises: StoreFailed."""
        query = select(IMAGE.c.image_id).where(IMAGE.c.image_id.in_(names))
        with refusing(), reading(self._engine) as connection:
            known = frozenset(connection.scalars(query))
        return [name for name in names if name not in known]

    def names(self) -> Iterator[str]:
        """The name of every file in its place."""
        return names_in_place(self._directory)
