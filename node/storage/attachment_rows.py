"""Objects attached to images, kept and found again in `intake.db`.

An object shows only beside images of the same patient: a report that names another patient's image is attached to
nothing there. A patient who is excluded has neither images nor attachments from that moment on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, and_, delete, insert, select

from node.deidentify.attachments import AttachmentKind
from node.flows.clean_parts import Attachment
from node.ground.audit import AuditEvent
from node.labeling.attached import AttachedObject
from node.storage.attachment_tables import ATTACHMENT, ATTACHMENT_SOURCE
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.exclusion_rows import EXCLUDED_NOW
from node.storage.intake_tables import AUDIT, IMAGE

_AT_A_TIME = 500


class AttachmentStore:
    """Implements `AttachmentRows` and `AttachedObjects`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def attach(self, attachment: Attachment, event: AuditEvent) -> None:
        """The object belongs to the images it names; again is no error. Raises: StoreFull, StoreFailed."""
        rows = [
            {"image_id": attachment.image_id, "position": position, "instance_lookup": lookup}
            for position, lookup in enumerate(attachment.sources)
        ]
        of_it = ATTACHMENT_SOURCE.c.image_id == attachment.image_id
        with refusing(), writing(self._engine) as connection:
            connection.execute(delete(ATTACHMENT_SOURCE).where(of_it))
            connection.execute(delete(ATTACHMENT).where(ATTACHMENT.c.image_id == attachment.image_id))
            named = {"image_id": attachment.image_id, "kind": attachment.kind.value}
            connection.execute(insert(ATTACHMENT).values(**named))
            if rows:
                connection.execute(insert(ATTACHMENT_SOURCE), rows)
            record(connection, AUDIT, event)

    def of_images(self, image_ids: Sequence[str]) -> Mapping[str, Sequence[AttachedObject]]:
        """The clean objects of each image that has any, in the order they became clean. Raises: StoreFailed."""
        found: dict[str, list[AttachedObject]] = {}
        with refusing(), reading(self._engine) as connection:
            for start in range(0, len(image_ids), _AT_A_TIME):
                query = _ATTACHED.where(_SOURCE.c.image_id.in_(image_ids[start : start + _AT_A_TIME]))
                for row in connection.execute(query):
                    attached = AttachedObject(row.attached_id, AttachmentKind(row.kind))
                    found.setdefault(row.source_id, []).append(attached)
        return found


_SOURCE = IMAGE.alias("source")
_ATTACHED = (
    select(_SOURCE.c.image_id.label("source_id"), ATTACHMENT.c.image_id.label("attached_id"), ATTACHMENT.c.kind)
    .distinct()
    .add_columns(IMAGE.c.cleaned_at)
    .join_from(ATTACHMENT, ATTACHMENT_SOURCE, ATTACHMENT_SOURCE.c.image_id == ATTACHMENT.c.image_id)
    .join(IMAGE, IMAGE.c.image_id == ATTACHMENT.c.image_id)
    .join(
        _SOURCE,
        and_(
            _SOURCE.c.instance_lookup == ATTACHMENT_SOURCE.c.instance_lookup,
            _SOURCE.c.patient_number == IMAGE.c.patient_number,
        ),
    )
    .where(IMAGE.c.cleaned_at.is_not(None), _SOURCE.c.cleaned_at.is_not(None))
    .where(IMAGE.c.patient_number.not_in(EXCLUDED_NOW))
    .order_by(IMAGE.c.cleaned_at, ATTACHMENT.c.image_id)
)
