"""A person of the hospital: roles, department, and what has been verified of them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from node.ground.texts import Language
from node.readers.errors import StandingRefused
from node.readers.licence import Licence, NewLicence
from node.readers.pledge import Pledge
from node.readers.roles import Role

FIRST_YEAR, LAST_YEAR = 1950, 2100


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who may sign in; the name is for people, the identifier for everything else."""

    person_id: str
    name: str
    roles: frozenset[Role]
    department: str | None
    language: Language
    active: bool
    licence: Licence | None = None
    """None until somebody has held the numbers against the originals, and after that was withdrawn."""
    subspecialty: str | None = None
    specialist_since: int | None = None
    """The year the specialty was gained: seniority is counted from it."""
    pledge: Pledge | None = None
    """A lay labeler's signature."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What IT says of someone who joins."""

    name: str
    roles: frozenset[Role]
    department: str | None = None
    language: Language = Language.KO
    licence: NewLicence | None = None
    subspecialty: str | None = None
    specialist_since: int | None = None


def check_new(new: NewPerson) -> None:
    """Return when the person can be so. Raises: StandingRefused for a year that is none, or a labeler's licence."""
    year = new.specialist_since
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise StandingRefused
    if Role.LABELER in new.roles and (new.licence is not None or year is not None):
        raise StandingRefused


def name_key(name: str) -> str:
    """The form of a name under which it is unique: composed, case-folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
