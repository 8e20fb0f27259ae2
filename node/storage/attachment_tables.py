"""Which clean object belongs to which images, in `intake.db`: by lookups, so that either may come first."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from node.storage.intake_tables import METADATA

ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("image_id", String(36), ForeignKey("image.image_id"), primary_key=True),
    Column("kind", String(16), nullable=False),
)

ATTACHMENT_SOURCE = Table(
    "attachment_source",
    METADATA,
    Column("image_id", String(36), ForeignKey("attachment.image_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("instance_lookup", String(64), nullable=False),
    Index("attachment_source_of", "instance_lookup"),
)
