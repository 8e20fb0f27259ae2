"""Who may be given a case: what the case asks for, held against what was verified of a person.

Nothing here looks at what other readers did, or how much anybody has read: only at the person and the moment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from node.readers.person import Person
from node.readers.pledge import PLEDGE_VERSION
from node.readers.roles import Role


@dataclass(frozen=True, slots=True)
class Demand:
    """What a case asks of whoever reads it."""

    task: str
    """The label schema's code: what a labeler's certificate names."""
    department: str | None = None
    subspecialty: str | None = None
    min_years: int = 0
    """Years since the specialty was gained."""
    labelers: bool = False
    """Lay labelers may, where the task has no free text and they hold its certificate."""


def may_read(person: Person, now: datetime) -> bool:
    """True for an active reader with a licence that holds, and for an active labeler who signed the pledge."""
    if not person.active:
        return False
    if Role.READER in person.roles:
        return person.licence is not None and person.licence.holds(now)
    return Role.LABELER in person.roles and person.pledge is not None and person.pledge.version == PLEDGE_VERSION


def suits(person: Person, demand: Demand, certified: Collection[str], now: datetime) -> bool:
    """True when the person may read, and is whom the case asks for; `certified` are the tasks open to them today."""
    if not may_read(person, now):
        return False
    if Role.READER not in person.roles:
        return demand.labelers and demand.task in certified
    years = 0 if person.specialist_since is None else now.year - person.specialist_since
    return (
        demand.department in (None, person.department)
        and demand.subspecialty in (None, person.subspecialty)
        and years >= demand.min_years
    )
