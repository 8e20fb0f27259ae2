"""The headers of clean images in `intake.db`: studies, series and instances under their new UIDs.

One row of a study or series belongs to one patient number, so that an opt-out hides exactly that patient's. The whole
metadata stands in the last column: a search that does not want it does not read it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from node.storage.intake_tables import METADATA

CLEAN_STUDY = Table(
    "clean_study",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("study_uid", String(64), nullable=False),
    Column("patient_number", Integer, nullable=False),
    Column("patient_id", String(64), nullable=False),
    Column("study_date", String(8), nullable=False),
    Column("attributes", Text, nullable=False),
    UniqueConstraint("study_uid", "patient_number", name="clean_study_once"),
    Index("clean_study_patient", "patient_id"),
    Index("clean_study_date", "study_date"),
)

CLEAN_SERIES = Table(
    "clean_series",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("study_uid", String(64), nullable=False),
    Column("series_uid", String(64), nullable=False),
    Column("patient_number", Integer, nullable=False),
    Column("modality", String(64), nullable=False),
    Column("series_number", Integer),
    Column("attributes", Text, nullable=False),
    UniqueConstraint("study_uid", "series_uid", "patient_number", name="clean_series_once"),
    Index("clean_series_uid", "series_uid"),
)

CLEAN_INSTANCE = Table(
    "clean_instance",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("image_id", String(36), nullable=False, unique=True),
    Column("study_uid", String(64), nullable=False),
    Column("series_uid", String(64), nullable=False),
    Column("instance_uid", String(64), nullable=False),
    Column("patient_number", Integer, nullable=False),
    Column("instance_number", Integer),
    Column("sop_class_uid", String(64), nullable=False),
    Column("transfer_syntax_uid", String(64), nullable=False),
    Column("frames", Integer, nullable=False),
    Column("frame_bytes", BigInteger, nullable=False),
    Column("places", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("metadata", LargeBinary, nullable=False),
    Index("clean_instance_place", "study_uid", "series_uid", "instance_number", "number"),
    Index("clean_instance_uid", "instance_uid"),
)
