"""Headers of clean images; images of releases before this one wait for theirs (`described_at` is empty)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "intake_0003"
down_revision = "intake_0002"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("image", sa.Column("described_at", Moment()))
    op.create_index("image_undescribed", "image", ["described_at", "cleaned_at"])
    _studies()
    _series()
    _instances()


def _studies() -> None:
    op.create_table(
        "clean_study",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("patient_number", sa.Integer, nullable=False),
        sa.Column("patient_id", sa.String(64), nullable=False),
        sa.Column("study_date", sa.String(8), nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.UniqueConstraint("study_uid", "patient_number", name="clean_study_once"),
    )
    op.create_index("clean_study_patient", "clean_study", ["patient_id"])
    op.create_index("clean_study_date", "clean_study", ["study_date"])


def _series() -> None:
    op.create_table(
        "clean_series",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("series_uid", sa.String(64), nullable=False),
        sa.Column("patient_number", sa.Integer, nullable=False),
        sa.Column("modality", sa.String(64), nullable=False),
        sa.Column("series_number", sa.Integer),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.UniqueConstraint("study_uid", "series_uid", "patient_number", name="clean_series_once"),
    )
    op.create_index("clean_series_uid", "clean_series", ["series_uid"])


def _instances() -> None:
    op.create_table(
        "clean_instance",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("image_id", sa.String(36), nullable=False, unique=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("series_uid", sa.String(64), nullable=False),
        sa.Column("instance_uid", sa.String(64), nullable=False),
        sa.Column("patient_number", sa.Integer, nullable=False),
        sa.Column("instance_number", sa.Integer),
        sa.Column("sop_class_uid", sa.String(64), nullable=False),
        sa.Column("transfer_syntax_uid", sa.String(64), nullable=False),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("frame_bytes", sa.BigInteger, nullable=False),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("metadata", sa.LargeBinary, nullable=False),
    )
    op.create_index("clean_instance_place", "clean_instance", ["study_uid", "series_uid", "instance_number", "number"])
    op.create_index("clean_instance_uid", "clean_instance", ["instance_uid"])
