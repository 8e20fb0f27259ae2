"""Three that de-identify a file into a file: ours with every option and its audit event, and two peers as they come."""

from __future__ import annotations

import contextlib
import io
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from dicomanonymizer import (  # type: ignore[import-untyped]  # the peer carries no types
    anonymize_dataset,
    anonymize_dicom_file,
)
from pydicom import dcmread, dcmwrite
from sqlalchemy import Engine

from node.deidentify.clean import clean
from node.deidentify.policy import Dates, Policy
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.storage.audit import record
from node.storage.intake_tables import AUDIT

EVERY_OPTION = Policy(
    dates=Dates.MODIFIED,
    times=True,
    device=True,
    institution=True,
    uids=False,
    safe_private=True,
    descriptors=True,
    structured=True,
)
KEY = bytes(range(32))
BATCH = 16
_JOBS = Actor(ActorKind.NODE, "jobs")
Side = Callable[[Sequence[Path], Path], None]


def headers_a_cpu_second(side: Side, files: Sequence[Path], out: Path) -> float:
    """How many files the side de-identified in a second of its processor time."""
    before = time.process_time()
    side(files, out)
    return len(files) / (time.process_time() - before)


def ours(engine: Engine) -> Side:
    """Read, summarise, replace, clean, write; an audit event for each file, one transaction a batch as in the node."""

    def run(files: Sequence[Path], out: Path) -> None:
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            for file in batch:
                raw = file.read_bytes()
                verdict = clean(raw, replacement(summarise(raw), KEY, EVERY_OPTION))
                if not isinstance(verdict, CleanImage):
                    raise TypeError(verdict)
                (out / file.name).write_bytes(verdict.contents)
            events = [AuditEvent(datetime.now(UTC), _JOBS, "image.cleaned", f"received:{file.stem}") for file in batch]
            with engine.begin() as connection:
                record(connection, AUDIT, *events)

    return run


def dicom_anonymizer(files: Sequence[Path], out: Path) -> None:
    """As its documentation says: one call a file, default rules, private elements deleted."""
    for file in files:
        anonymize_dicom_file(str(file), str(out / file.name))


def deid(files: Sequence[Path], out: Path) -> None:
    """As its documentation says: the default recipe."""
    from deid.config import DeidRecipe  # type: ignore[import-untyped]  # the peer carries no types
    from deid.dicom import replace_identifiers  # type: ignore[import-untyped]  # the peer carries no types

    logging.disable(logging.CRITICAL)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        replace_identifiers(
            [str(file) for file in files], deid=DeidRecipe(), save=True, output_folder=str(out), overwrite=True
        )
    logging.disable(logging.NOTSET)


def anonymized(raw: bytes) -> bytes | None:
    """dicom-anonymizer as a cleaner of the self-test; None where it gives no file."""
    try:
        image = dcmread(BytesIO(raw))
        anonymize_dataset(image)
        buffer = BytesIO()
        dcmwrite(buffer, image)
    except Exception:  # noqa: BLE001 - whatever breaks the peer, the file was not cleaned
        return None
    return buffer.getvalue()
