"""Excluding patients in a test: real stores on fresh databases, and one line for what it takes to exclude somebody."""

import shutil
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from node.flows.exclude_parts import ExcludeParts
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.ground.keyring import Keyring, make_keys
from node.intake.exclusion import ExclusionEntry, ExclusionKind, LiftReason
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer
from node.storage.commitment_rows import AskedCommitment
from node.storage.engine import Database, open_engine
from node.storage.exclusion_book import ExclusionBookFiles
from node.storage.exclusion_rows import ExclusionRowsStore
from node.storage.migrate import upgrade
from node.storage.ward_exclusions import WardExclusions

STEWARD = Actor(ActorKind.PERSON, "steward")


@cache
def _migrated_intake() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="intake-"))
    engine = open_engine(Database.INTAKE, folder)
    upgrade(Database.INTAKE, engine)
    engine.dispose()
    return folder / "intake.db"


def exclusions_at(folder: Path, ward: Engine) -> ExcludeParts:
    """What excluding is made of, in a folder with a ward; its intake knows nobody yet."""
    if not (folder / "intake.db").exists():
        shutil.copy(_migrated_intake(), folder / "intake.db")
    rows = ExclusionRowsStore(open_engine(Database.INTAKE, folder))
    book = ExclusionBookFiles([folder / "exclusions.sealed"], Sealer(bytes(32)))
    keys = folder / "exclusion-keys"
    lookups = Lookups(Keyring(keys) if keys.exists() else make_keys(keys))
    return ExcludeParts(book, rows, WardExclusions(ward), lookups, new_id)


def entry(
    lookup: str, kind: ExclusionKind, at: datetime, lifted: LiftReason | None = None, *, name: str = ""
) -> ExclusionEntry:
    """One entry; its patient is a letter."""
    return ExclusionEntry(name or new_id(), lookup * 64, kind, lifted, at, STEWARD)


class NoCommitments:
    """A node that nobody asked for storage commitment, or as a test says."""

    def __init__(self, *asked: AskedCommitment) -> None:
        self.asked = list(asked)

    def latest(self, limit: int = 50) -> list[AskedCommitment]:
        return self.asked[:limit]


def deciding(at: datetime, action: str = "exclusion.added") -> AuditEvent:
    """The audit event of an act."""
    return AuditEvent(at, STEWARD, action, "exclusion:x")
